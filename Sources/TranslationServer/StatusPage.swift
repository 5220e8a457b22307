internal import EventStreamServer

/// The page that shows a person the status as it changes, from the event stream at its own URL.
enum StatusPage {
  /// Nothing but what is in the page itself may run or style it, and nothing but its own origin is talked to: the nonce
  /// is drawn anew for each response.
  static func response() -> HTTPResponse {
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

  private static func document(nonce: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Translation status</title>
    <link rel="icon" href="\(icon)">
    <style nonce="\(nonce)">
    \(style)
    </style>
    </head>
    <body>
    \(content)
    <script nonce="\(nonce)">
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
}
