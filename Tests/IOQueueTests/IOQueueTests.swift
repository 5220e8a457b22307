// IOQueueTests
