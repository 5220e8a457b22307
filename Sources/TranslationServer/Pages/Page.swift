internal import EventStreamServer

/// A page that needs nothing but itself and its own origin.
struct Page {
  var title: String
  var style: String
  var content: String
  var script: String

  /// Nothing but what is in the page itself may run or style it, and nothing but its own origin is talked to: the nonce
  /// is drawn anew for each response.
  func response() -> HTTPResponse {
    let nonce = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    let policy = """
      default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; img-src data:; \
      base-uri 'none'; form-action 'none'; frame-ancestors 'none'
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
      --back: #f4f5f9; --card: #fff; --text: #1b1e28; --faint: #636a7d; --line: #e3e6ee;
      --waiting: #8a90a2; --pending: #b7791f; --running: #4f6ef7; --good: #1f9254; --bad: #d13b40;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --back: #12141b; --card: #1b1e28; --text: #eceef5; --faint: #9aa1b5; --line: #2b303d;
        --waiting: #7d8498; --pending: #e6b04f; --running: #8299ff; --good: #4cc788; --bad: #ff7b7f;
      }
    }
    * { box-sizing: border-box; }
    [data-status] { --now: var(--waiting); }
    [data-status=pending] { --now: var(--pending); }
    [data-status=running] { --now: var(--running); }
    [data-status=completed] { --now: var(--good); }
    [data-status=error], [data-status=cancelled] { --now: var(--bad); }
    body { margin: 0; min-height: 100vh; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
    .dot { flex: none; width: .55em; height: .55em; border-radius: 50%; background: var(--now); }
    progress { height: .5rem; border: 0; border-radius: 1rem; background: var(--line); accent-color: var(--now); }
    progress::-webkit-progress-bar { background: var(--line); border-radius: 1rem; }
    progress::-webkit-progress-value { background: var(--now); border-radius: 1rem; transition: width .3s; }
    progress::-moz-progress-bar { background: var(--now); border-radius: 1rem; }
    """
}
