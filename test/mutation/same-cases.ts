/** One seed, so that a mutant that survives does so again; and the first case that kills it is enough. */
import fc from 'fast-check'

fc.configureGlobal({ seed: 4, endOnFailure: true })
