// IOQueue
