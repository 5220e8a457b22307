// EventStreamTests
