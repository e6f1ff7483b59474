// Package explore tries what nobody wrote down as a case: random walks, whose failing sequences it
// shrinks, and concurrent clients, whose histories have to be linearizable.
//
// The cases call it. It imports oracle, expect, suite, and porcupine for the search of an order.
package explore
