"""One server and many subscribers."""


def measure(table, bench, peers, directory, rounds, quick):
    table.section("Server")
