import EventStreamClient
import EventStreamServer
import Glibc
import TestSupport
import Testing
import TranslationClient
import TranslationServer

/// The whole hub in one process: workers and watchers by the client library, over real sockets.
@Suite(.paced, .timeLimit(.minutes(3)))
struct ServiceTests {
  init() { signal(SIGPIPE, SIG_IGN) }

  private func withService(
    _ change: (inout TranslationServer.Configuration) -> Void = { _ in },
    body: (TranslationService, TranslationServer) async throws -> Void
  ) async throws {
    var configuration = TranslationServer.Configuration(port: 0)
    configuration.delay = .seconds(3600)
    configuration.http.heartbeat = .zero
    configuration.retry = .milliseconds(20)
    configuration.reconnectionRate = nil
    change(&configuration)
    let server = try TranslationServer(configuration)
    let address = try server.start()
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(TranslationService(baseURL: "http://\(address)/"), server))
    } catch {
      result = .failure(error)
    }
    await server.stop()
    try result.get()
  }

  private let new = NewTranslation(source: "de", target: "en", title: "Fäust")

  @Test func watcherSeesAllThatTheWorkerSays() async throws {
    try await withService { service, _ in
      let translation = try await service.submit(new)
      #expect(translation.title == "Fäust")
      let updates = Recorder<ReceivedUpdate>()
      let ends = Recorder<Result<ReceivedUpdate?, TranslationError>>()
      let watcher = service.translation(translation.id)
      watcher.monitor({ updates.append($0) }, onEnd: { ends.append($0) })
      try await updates.wait(count: 1)
      for step in 1...10 {
        let change = StatusChange(status: .running, progress: Double(step) / 10, message: "page \(step)")
        try await service.publish(change, to: translation.id)
      }
      let last = try await service.publish(StatusChange(status: .completed), to: translation.id)
      #expect(try await ends.wait(count: 1)[0].get()?.update == last.update)
      #expect(updates.all.map(\.progress) == [nil] + (1...10).map { Double($0) / 10 } + [1])
      #expect(try await watcher.getStatus().update == last.update)
    }
  }

  @Test func manyAreFollowedOverOneConnection() async throws {
    try await withService { service, server in
      var ids: [String] = []
      for _ in 0..<20 { ids.append(try await service.submit(new).id) }
      let other = try await service.submit(new).id
      let updates = service.monitor(ids)
      let task = Task {
        var seen: [String: [TranslationStatus]] = [:]
        for try await update in updates { seen[update.update.job!, default: []].append(update.status) }
        return seen
      }
      while server.subscriberCount == 0 { await Task.yield() }
      #expect(server.subscriberCount == 1)
      try await service.publish(StatusChange(status: .running), to: other)
      let results = try await service.publish(ids.map { ($0, StatusChange(status: .running), nil) })
      #expect(results.allSatisfy { (try? $0.get()) != nil })
      for id in ids { try await service.publish(StatusChange(status: id == ids[3] ? .error : .completed), to: id) }
      let seen = try await task.value
      #expect(Set(seen.keys) == Set(ids))
      for id in ids { #expect(seen[id] == [.pending, .running, id == ids[3] ? .error : .completed]) }
    }
  }

  @Test func moreThanARequestHoldsAreFollowed() async throws {
    try await withService { service, _ in
      var ids: [String] = []
      for _ in 0..<150 { ids.append(try await service.submit(new).id) }
      _ = try await service.publish(ids.map { ($0, StatusChange(status: .completed), nil) })
      var finals: Set<String> = []
      for try await update in service.monitor(ids) { finals.insert(update.update.job!) }
      #expect(finals == Set(ids))
    }
  }

  @Test func monitorAllGoesOnUntilItIsStopped() async throws {
    try await withService { service, _ in
      let seen = Recorder<String>()
      let updates = service.monitorAll()
      let task = Task { for try await update in updates { seen.append(update.update.job!) } }
      try await seen.wait(count: 1)
      let id = try await service.submit(new).id
      #expect(try await seen.wait(count: 2).last == id)
      service.stopMonitoring()
      try await task.value
    }
  }

  @Test func watchersOfManyOutliveTheServer() async throws {
    // An address of this test's own, and translations that are kept.
    let journal = "/tmp/journal-service-\(getpid())"
    unlink(journal)
    defer { unlink(journal) }
    var configuration = TranslationServer.Configuration(host: "127.0.0.6", port: 0)
    configuration.journal = journal
    configuration.retry = .milliseconds(20)
    configuration.reconnectionRate = nil
    let first = try TranslationServer(configuration)
    let address = try first.start()
    configuration.http.port = address.port
    let service = TranslationService(baseURL: "http://\(address)")
    let ids = try await [service.submit(new).id, service.submit(new).id]
    let updates = service.monitor(ids)
    let seen = Recorder<ReceivedUpdate>()
    let task = Task { for try await update in updates { seen.append(update) } }
    try await seen.wait(count: 2)
    try await service.publish(StatusChange(status: .running, progress: 0.5), to: ids[0])
    try await seen.wait(count: 3)
    await first.stop()

    // A child that another test starts at this moment holds the journal's lock and the listener, too, until its exec.
    var second: TranslationServer?
    while second == nil {
      await Task.yield()
      second = try? TranslationServer(configuration)
    }
    while (try? second?.start()) == nil { await Task.yield() }
    for id in ids { try await service.publish(StatusChange(status: .completed), to: id) }
    try await task.value
    // What had not changed is not told again.
    #expect(seen.all.filter { $0.update.job == ids[0] }.map(\.status) == [.pending, .running, .completed])
    #expect(seen.all.filter { $0.update.job == ids[1] }.map(\.status) == [.pending, .completed])
    await second?.stop()
  }

  @Test func listAndCancel() async throws {
    try await withService { service, _ in
      let ids = try await [service.submit(new).id, service.submit(new).id, service.submit(new).id]
      #expect(try await service.cancel(ids[1]).latest.status == .cancelled)
      let page = try await service.list([.pending], limit: 2)
      #expect(page.translations.map(\.id) == [ids[2], ids[0]])
      let rest = try await service.list([.pending], cursor: page.next, limit: 2)
      #expect(rest.translations.count == 1 && rest.next == nil)
      #expect(try await service.get(ids[1]).latest.status == .cancelled)
      let last = try await service.translation(ids[1]).monitor().reduce(into: []) { $0.append($1.status) }
      #expect(last == [.cancelled])
    }
  }

  @Test func conflictCarriesTheCurrentStatus() async throws {
    try await withService { service, _ in
      let id = try await service.submit(new).id
      let running = try await service.publish(StatusChange(status: .running, progress: 0.5), to: id)
      for (change, ifMatch) in [
        (StatusChange(status: .running, progress: 0.4), nil), (StatusChange(status: .error), "x-1"),
      ] {
        do throws(TranslationError) {
          try await service.publish(change, to: id, ifMatch: ifMatch)
          Issue.record("there was no conflict")
        } catch {
          guard case .conflict(_, let current) = error else { throw error }
          #expect(current == running)
        }
      }
      try await service.publish(StatusChange(status: .error), to: id, ifMatch: running.id)
      await #expect(throws: TranslationError.self) { try await service.get("nobody/..") }
    }
  }

  @Test func cancelledTaskEndsARequest() async throws {
    let peer = try ScriptedPeer()
    defer { peer.closeAll() }
    let service = TranslationService(baseURL: peer.url(""))
    let task = Task { () async -> TranslationError? in
      do throws(TranslationError) {
        _ = try await service.get("x")
        return nil
      } catch {
        return error
      }
    }
    let connection = try await peer.nextConnection()
    _ = try await connection.request()
    task.cancel()
    #expect(await task.value == .cancelled)
  }
}
