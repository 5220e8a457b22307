import TranslationAPI
import TranslationClient

/// How the connection is.
enum TopConnection: Hashable {
  case connecting
  case live
  case lost(String)
}

/// A model and a view of it as the lines of a screen, as many as it has.
struct TopScreen {
  let columns: Int
  let rows: Int
  let server: String

  /// The lines above the rows, and the one below.
  private static let frame = 4 + 1

  /// How many translations are seen at a time.
  var page: Int { max(1, rows - Self.frame) }

  func lines(_ model: TopModel, _ view: inout TopView, _ connection: TopConnection, at now: Double) -> [TopLine] {
    let found = model.rows(sortedBy: view.sort, reversed: view.isReversed, matching: view.filter)
    view.stay(within: found.count, page: page)
    let table = TopTable(width: columns)
    var lines = [title(connection, view), counts(model), traffic(model, at: now), table.header]
    if view.showsHelp {
      lines += help
    } else if found.isEmpty {
      lines += [TopLine(), line(("  " + emptyText(model, view), .dim))]
    } else {
      lines += found[view.offset...].prefix(page).map { table.row($0, at: now) }
    }
    let room = max(0, rows - 1)
    lines = lines.prefix(room) + Array(repeating: TopLine(), count: max(0, room - lines.count))
    return lines + [footer(view, found.count)]
  }

  // MARK: Above

  private func title(_ connection: TopConnection, _ view: TopView) -> TopLine {
    let state: (String, TopStyle) =
      switch connection {
      case .connecting: ("○ connecting", .waiting)
      case .live: view.isPaused ? ("‖ paused", .waiting) : ("● live", .good)
      case .lost: ("○ reconnecting", .bad)
      }
    var why = ""
    if case .lost(let reason) = connection { why = reason.inRow }
    let name = "tclient top"
    let room = max(0, columns - name.columns - state.0.columns - 4)
    return line(
      (name, .bold), ("  " + (why.isEmpty ? server : why).fitted(to: room) + "  ", why.isEmpty ? .dim : .bad), state)
  }

  private func counts(_ model: TopModel) -> TopLine {
    var line = TopLine()
    let total = model.jobs.count
    line.add("\(total) translation\(total == 1 ? "" : "s")", .bold, limit: columns)
    let order: [(TranslationStatus, TopStyle)] = [
      (.running, .active), (.pending, .waiting), (.completed, .good), (.error, .bad), (.cancelled, .bad),
    ]
    for (status, style) in order {
      let count = model.counts[status, default: 0]
      line.add("   ", limit: columns)
      line.add("\(count) \(status.rawValue)", count == 0 ? .dim : style, limit: columns)
    }
    return line
  }

  private func traffic(_ model: TopModel, at now: Double) -> TopLine {
    let history = model.traffic.history(at: now)
    let most = max(history.max()!, 1)
    let blocks = Array("▁▂▃▄▅▆▇█")
    let graph = String(history.map { blocks[$0 * (blocks.count - 1) / most] })
    let delay = model.traffic.delay.map { "p50 \($0.median.asDelay)   max \($0.largest.asDelay)" } ?? "–"
    return line(
      ("\(model.traffic.rate(at: now).formatted(decimals: 1)) updates/s".fitted(to: 18), .plain), (graph, .active),
      ("   delay \(delay)", .plain))
  }

  // MARK: Below

  private func footer(_ view: TopView, _ found: Int) -> TopLine {
    if view.isTyping {
      return line(("/" + view.filter, .bold), ("▏", .plain), ("  Enter keeps it, Esc clears it", .dim))
    }
    let last = min(found, view.offset + page)
    let order = "\(view.isReversed ? "↑" : "↓") \(view.sort.rawValue)"
    let place = found == 0 ? "0" : "\(view.offset + 1)–\(last) of \(found)"
    let keys = "q quit  s sort  r reverse  / filter  space pause  ? help"
    let filter = view.filter.isEmpty ? "" : "/\(view.filter.inRow)  "
    let right = "\(filter)\(order)  \(place)"
    let room = max(0, columns - right.columns - 2)
    return line((keys.fitted(to: room) + "  ", .dim), (right, .plain))
  }

  private func emptyText(_ model: TopModel, _ view: TopView) -> String {
    model.jobs.isEmpty ? "No translation yet: tclient submit de en adds one." : "None matches \(view.filter.inRow)."
  }

  private var help: [TopLine] {
    let keys: [(String, String)] = [
      ("s", "sort by the next: newest, progress, state, delay"), ("r", "reverse the order"),
      ("/", "show only those whose title, id, languages or state have a text in them; Esc: all again"),
      ("↑ ↓  PgUp PgDn  Home End", "scroll"), ("space", "stop drawing; updates are still taken in"),
      ("Ctrl-L", "paint all of it again"), ("q", "quit"), ("any key", "back to the list"),
    ]
    return [TopLine()] + keys.map { line(("  " + $0.fitted(to: 26), .bold), ($1, .plain)) } + [
      TopLine(), line(("  DELAY: from a status's coming about, by the server's clock, to its reception here.", .dim)),
      line(("  RATE and LEFT: from the reports of progress so far.", .dim)),
    ]
  }

  private func line(_ pieces: (String, TopStyle)...) -> TopLine {
    var line = TopLine()
    for (text, style) in pieces { line.add(text, style, limit: columns) }
    return line
  }
}
