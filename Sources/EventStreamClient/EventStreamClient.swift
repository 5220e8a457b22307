// EventStreamClient
