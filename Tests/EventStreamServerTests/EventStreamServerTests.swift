// EventStreamServerTests
