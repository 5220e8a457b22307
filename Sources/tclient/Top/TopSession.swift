import Dispatch
import EventStreamClient
import Glibc
import IOQueue
import TranslationAPI
import TranslationClient

/// `top` on a terminal, from its first frame to its last: takes in updates and keys, and draws what comes of them.
///
/// Any thread may call what is not marked as the queue's.
// Sendable: what is not constant or a lock's is touched on `queue` alone, and there is nobody else before `begin`.
final class TopSession: IOHandler, @unchecked Sendable {
  /// How it ends.
  enum End {
    case quit
    case signal(Int32)
    case failed(TranslationError)
  }

  private let queue: IOQueue
  private let terminal: Terminal
  private let resizes: Int32
  private let server: String
  private let ended = DispatchSemaphore(value: 0)
  private let end = Locked<End?>(nil)
  private let inbox = TopInbox()
  private let describer: TopDescriber

  // On the queue:
  private var model = TopModel()
  private var view: TopView
  private var connection = TopConnection.connecting
  private var keys = TopKeyDecoder()
  private var frames: TopFrames
  private var lastDraw: UInt64 = 0
  /// A frame is wanted also if the view is paused.
  private var isAsked = true
  /// At most fifteen frames a second, and fewer if they cost more than a fifth of a processor.
  private var interval: Duration = TopSession.shortest
  private static let shortest: Duration = .milliseconds(66)
  private lazy var frame = IOTimer(on: queue) { [unowned self] in draw() }
  private lazy var second = IOTimer(on: queue) { [unowned self] in tick() }
  private lazy var escape = IOTimer(on: queue) { [unowned self] in handle(keys.flush()) }

  init(_ terminal: Terminal, server: String, sort: TopSort, describer: TopDescriber) throws(IOError) {
    queue = try IOQueue(label: "top")
    guard let resizes = Resizes.descriptor() else { throw IOError(errno, doing: "make a pipe") }
    self.resizes = resizes
    self.terminal = terminal
    self.server = server
    self.describer = describer
    view = TopView(sort: sort)
    frames = TopFrames(hasColor: getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
  }

  // MARK: From any thread

  /// Takes the terminal until the end, and gives it back. Blocks the calling thread.
  func run() -> End {
    queue.perform { [self] in
      terminal.enter()
      queue.watch(terminal.input, for: .readable, self)
      queue.watch(resizes, for: .readable, self)
      tick()
      draw()
    }
    ended.wait()
    queue.sync { [self] in
      queue.unwatch(terminal.input)
      queue.unwatch(resizes)
      queue.unwatch(terminal.output)
      terminal.leave()
    }
    queue.close()
    return end.withLock { $0! }
  }

  func stop(_ reason: End) {
    let isFirst = end.withLock { end in
      defer { end = end ?? reason }
      return end == nil
    }
    if isFirst { ended.signal() }
  }

  func receive(_ update: ReceivedUpdate) { put { $0.updates.append(update) } }
  func changed(to connection: TopConnection) { put { $0.changed(to: connection) } }

  private func put(_ change: (inout TopInbox.News) -> Void) {
    if inbox.put(change) { queue.perform { self.drawSoon() } }
  }

  // MARK: On the queue

  func ready(_ descriptor: Int32, _ events: IOEvents) {
    if descriptor == terminal.output { return continueWriting() }
    if descriptor == resizes {
      var bytes = [UInt8](repeating: 0, count: 64)
      while read(resizes, &bytes, bytes.count) > 0 {}
      return repaint()
    }
    guard let bytes = terminal.read() else {
      // Nothing more is told of a terminal that is gone.
      queue.unwatch(terminal.input)
      return stop(.signal(SIGHUP))
    }
    handle(keys.decode(bytes))
    if keys.isWaiting { escape.schedule(after: .milliseconds(50)) } else { escape.cancel() }
  }

  private func handle(_ keys: [TopKey]) {
    for key in keys {
      let screen = screen
      let total = model.rowCount(matching: view.filter)
      switch view.handle(key, page: screen.page, total: total) {
      case .none: break
      case .redraw: drawNow()
      case .repaint: repaint()
      case .quit: return stop(.quit)
      case .interrupt: return stop(.signal(SIGINT))
      case .suspend: suspend()
      }
    }
  }

  /// As Ctrl-Z does elsewhere: the shell gets its screen back until `fg`.
  private func suspend() {
    terminal.leave()
    // To this thread, which then does nothing before it is continued; kill(2) would let it go on until another has taken
    // the signal. Continued by `bg` it may not have the terminal.
    repeat { raise(SIGSTOP) } while !terminal.isForeground
    terminal.enter()
    repaint()
  }

  private func repaint() {
    frames.forget()
    drawNow()
  }

  /// Because someone asked for it, paused or not.
  private func drawNow() {
    isAsked = true
    draw()
  }

  private func tick() {
    second.schedule(after: .seconds(1))
    drawSoon()
  }

  private func drawSoon() {
    guard !frame.isScheduled else { return }
    let passed = Duration.nanoseconds(Int64(clamping: DispatchTime.now().uptimeNanoseconds - lastDraw))
    frame.schedule(after: max(.zero, interval - passed))
  }

  private var screen: TopScreen {
    let size = terminal.size ?? (80, 24)
    return TopScreen(columns: size.columns, rows: size.rows, server: server)
  }

  private func draw() {
    lastDraw = DispatchTime.now().uptimeNanoseconds
    takeIn()
    // A frame that is not out yet is followed by the next one when it is: none piles up.
    // And what is news before the terminal was taken, or after it was given back, is not for the shell's screen.
    guard terminal.isEntered, terminal.isIdle else { return }
    guard !view.isPaused || isAsked else { return }
    terminal.write(frames.update(to: screen.lines(model, &view, connection, at: WallClock.now)))
    isAsked = false
    if !terminal.isIdle { queue.watch(terminal.output, for: .writable, self) }
    let cost = Duration.nanoseconds(Int64(clamping: DispatchTime.now().uptimeNanoseconds - lastDraw))
    interval = max(Self.shortest, cost * 5)
  }

  private func continueWriting() {
    terminal.flush()
    guard terminal.isIdle else { return }
    queue.unwatch(terminal.output)
    drawSoon()
  }

  private func takeIn() {
    let news = inbox.take()
    for update in news.updates { model.apply(update) }
    for translation in news.translations { model.describe(translation) }
    model.forget(news.missing)
    if let state = news.connection { connection = state }
    if news.wasLost { model.doubtUnfinished() }
    guard model.unlistedCount > 0, connection == .live else { return }
    describer.describe(model.unlisted) { [weak self] found, missing in
      self?.put {
        $0.translations += found
        $0.missing.formUnion(missing)
      }
    }
  }
}
