package main

// newBallast returns memory that is never touched, and so never becomes real.
// A proxy keeps next to nothing alive, so the collector would run for every
// few megabytes of garbage, hundreds of times a second under load. It starts
// when the heap has doubled, and the ballast counts as heap: with it some
// twenty megabytes gather first. With many connections it makes no difference
// any more, which a higher GOGC would.
func newBallast() []byte { return make([]byte, 20<<20) }
