// EventStreamClientTests
