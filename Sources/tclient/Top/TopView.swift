/// What a person has chosen to see, and what keys do to it.
struct TopView {
  enum Effect { case none, redraw, repaint, quit, interrupt, suspend }

  private(set) var sort = TopSort.newest
  private(set) var isReversed = false
  private(set) var filter = ""
  private(set) var isTyping = false
  private(set) var isPaused = false
  private(set) var showsHelp = false
  /// The first row that is seen.
  private(set) var offset = 0

  init(sort: TopSort = .newest) { self.sort = sort }

  /// - Parameters:
  ///   - page: how many rows are seen.
  ///   - total: how many there are.
  mutating func handle(_ key: TopKey, page: Int, total: Int) -> Effect {
    switch key {
    case .interrupt: return .interrupt
    case .suspend: return .suspend
    case .redraw: return .repaint
    default: break
    }
    if isTyping { return type(key) }
    if showsHelp {
      showsHelp = false
      return key == .text("q") ? .quit : .redraw
    }
    switch key {
    case .text("q"): return .quit
    case .text("s"): sort = sort.next
    case .text("r"): isReversed.toggle()
    case .text(" "): isPaused.toggle()
    case .text("?"), .text("h"): showsHelp = true
    case .text("/"): isTyping = true
    case .escape: filter = ""
    case .up, .text("k"): offset -= 1
    case .down, .text("j"): offset += 1
    case .pageUp: offset -= max(1, page - 1)
    case .pageDown: offset += max(1, page - 1)
    case .home, .text("g"): offset = 0
    case .end, .text("G"): offset = total
    default: return .none
    }
    stay(within: total, page: page)
    return .redraw
  }

  /// There are so many rows now.
  mutating func stay(within total: Int, page: Int) { offset = max(0, min(offset, total - page)) }

  private mutating func type(_ key: TopKey) -> Effect {
    switch key {
    case .text(let character): filter.append(character)
    case .backspace:
      if filter.isEmpty { isTyping = false } else { filter.removeLast() }
    case .enter: isTyping = false
    case .escape:
      filter = ""
      isTyping = false
    default: return .none
    }
    offset = 0
    return .redraw
  }
}
