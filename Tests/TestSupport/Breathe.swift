/// Lets other tests have the thread now and then: to be called in each round of a long loop without another suspension.
///
/// All tests share as many threads as there are cores; one that computes for seconds would hold up those that wait for
/// a socket, up to their time limits.
package func breathe(_ round: Int) async {
  if round % 32 == 0 { await Task.yield() }
}
