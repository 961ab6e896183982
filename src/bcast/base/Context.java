package bcast.base;

import java.security.SecureRandom;

/**
 * What every module of a node shares with the others. All of it is safe for use by any thread.
 *
 * @param clock the only source of time
 * @param random the only source of randomness
 * @param log for messages to the operator
 * @param counters for counts, gauges and histograms
 * @param fault called when a thread of a module fails, which ends the node
 */
public record Context(Clock clock, SecureRandom random, Log log, Counters counters,
        FaultHandler fault) {}
