internal import EventStreamServer

/// A page that needs nothing but itself and its own origin.
struct Page {
  var title: String
  var style: String
  var content: String
  var script: String
  /// The relative URL of the server's first page, behind whatever prefix a proxy has put it.
  var root = "./"

  /// Nothing but what is in the page itself may run or style it, and nothing but its own origin is talked to: the nonce
  /// is drawn anew for each response.
  func response() -> HTTPResponse {
    let nonce = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    let policy = """
      default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; img-src data:; \
      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'
      """
    return HTTPResponse(
      fields: [
        "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Vary": "Accept",
        "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
      ],
      body: Array(document(nonce: nonce).utf8))
  }

  private func document(nonce: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(title)</title>
    <link rel="icon" href="\(Self.icon)">
    <style nonce="\(nonce)">
    \(Self.colors)
    \(style)
    </style>
    </head>
    <body>
    \(content)
    <script nonce="\(nonce)">
    "use strict";
    const root = "\(root)";
    \(script)
    </script>
    </body>
    </html>

    """
  }

  private static let icon = """
    data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E\
    %3Ccircle cx='4' cy='4' r='3' fill='%234f6ef7'/%3E%3C/svg%3E
    """

  /// What all pages share: a color for each status, by day and by night.
  private static let colors = """
    :root {
      --back: #f6f7f9; --card: #fff; --text: #16181d; --faint: #5d6370; --line: #e3e5ea; --track: #e3e5ea; --soft: #eef0f4;
      --waiting: #5d6370; --pending: #8a5a00; --running: #3152d4; --good: #14713f; --bad: #b3261e; --over: #5d6370;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --back: #0e1014; --card: #15181e; --text: #e7e9ef; --faint: #9aa1b0; --line: #262a33; --track: #2b303b; --soft: #1d2129;
        --waiting: #9aa1b0; --pending: #e0ad55; --running: #8ea5ff; --good: #58c98b; --bad: #ff8d88; --over: #9aa1b0;
      }
    }
    * { box-sizing: border-box; }
    [data-status] { --now: var(--waiting); }
    [data-status=pending] { --now: var(--pending); }
    [data-status=running] { --now: var(--running); }
    [data-status=completed] { --now: var(--good); }
    [data-status=error] { --now: var(--bad); }
    [data-status=cancelled] { --now: var(--over); }
    body { margin: 0; min-height: 100vh; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
    .dot { flex: none; width: .55em; height: .55em; border-radius: 50%; background: var(--now); }
    progress { height: .5rem; border: 0; border-radius: 1rem; background: var(--track); accent-color: var(--now); }
    progress::-webkit-progress-bar { background: var(--track); border-radius: 1rem; }
    progress::-webkit-progress-value { background: var(--now); border-radius: 1rem; transition: width .3s; }
    progress::-moz-progress-bar { background: var(--now); border-radius: 1rem; }
    """
}
