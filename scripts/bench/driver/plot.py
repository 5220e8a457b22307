"""Line plots as SVG, from zero, two in a row; readable on white and on black."""
import math

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 460, 260, 52, 40, 34
COLOURS = ("#2f6fd0", "#d0662f", "#3a9a5b")


def plot(path, note, charts):
    rows = math.ceil(len(charts) / 2)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11" fill="#777">'
             % (2 * WIDTH, rows * HEIGHT + 24)]
    for number, chart in enumerate(charts):
        parts.append('<g transform="translate(%d %d)">%s</g>'
                     % (number % 2 * WIDTH, number // 2 * HEIGHT, "".join(draw(chart))))
    parts.append('<text x="8" y="%d">%s</text></svg>' % (rows * HEIGHT + 14, note))
    with open(path, "w") as file:
        file.write("\n".join(parts) + "\n")


def draw(chart):
    points = [point for line in chart["lines"].values() for point in line]
    scale = math.log10 if chart.get("log") else float
    start = scale(min(x for x, _ in points)) if chart.get("log") else 0
    widest, top = scale(max(x for x, _ in points)), ceiling(max(y for _, y in points))

    def place(x, y):
        across = (scale(x) - start) / (widest - start) if widest > start else 0.5
        return (LEFT + across * (WIDTH - LEFT - 24), HEIGHT - BOTTOM - y / top * (HEIGHT - BOTTOM - TOP))

    yield '<text x="%d" y="16" font-size="13" fill="#888">%s</text>' % (LEFT, chart["title"])
    for step in range(5):
        _, y = place(max(x for x, _ in points), top * step / 4)
        yield '<path d="M%d %.1fH%d" stroke="#8884"/><text x="%d" y="%.1f" text-anchor="end">%s</text>' % (
            LEFT, y, WIDTH - 24, LEFT - 6, y + 4, short(top * step / 4))
    for x in sorted({x for x, _ in points}):
        yield '<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (place(x, 0)[0], HEIGHT - BOTTOM + 16, short(x))
    yield '<text x="%d" y="%d" text-anchor="end">%s</text>' % (WIDTH - 24, HEIGHT - 8, chart["x"])
    for number, (name, line) in enumerate(chart["lines"].items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [place(*point) for point in line]
        yield '<path d="M%s" fill="none" stroke="%s" stroke-width="2"/>' % (
            "L".join("%.1f %.1f" % point for point in places), colour)
        yield "".join('<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (x, y, colour) for x, y in places)
        yield '<text x="%d" y="%d" fill="%s">%s</text>' % (LEFT + 8 + number * 90, HEIGHT - 8, colour, name)


def ceiling(value):
    """The next round number up."""
    unit = 10 ** math.floor(math.log10(value))
    return next(unit * step for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if unit * step >= value)


def short(value):
    return "%gk" % (value / 1000) if value >= 1000 else "%g" % value
