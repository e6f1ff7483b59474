// Package health looks at the Redis that a store works on: whether it takes
// writes now ([Probe]), and whether it is set up so that it keeps them
// ([Inspect]). Both look at every master of a cluster, and at the present master
// behind sentinels.
package health
