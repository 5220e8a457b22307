// EventStreamServer
