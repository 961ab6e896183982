package bcast.base;

import java.security.SecureRandom;
import java.util.function.Supplier;

/**
 * What every module of a node is given, in addition to what is its own. All of it is safe for use
 * by any thread.
 *
 * @param clock the only source of time
 * @param random the only source of randomness: always the same one, made when first asked for. A
 *     module asks as late as it can, since a node could otherwise not answer clients until Java has
 *     loaded much for it
 * @param log where a module reports what a person should read
 * @param counters where a module counts and measures
 * @param fault is told when a thread of a module fails, which ends the node
 */
public record Context(Clock clock, Supplier<SecureRandom> random, Log log, Counters counters,
        FaultHandler fault) {}
