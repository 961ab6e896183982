package bcast.cluster.gossip.link;

/**
 * The time of an input.
 *
 * @param steadyMs milliseconds of a clock that never jumps; timeouts go by it
 * @param wallMs Unix milliseconds; records and peers' clocks go by it
 */
public record Now(long steadyMs, long wallMs) {}
