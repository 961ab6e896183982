package bcast.cluster.gossip;

import bcast.storage.Position;
import java.util.Optional;

/**
 * How far a store is that asks for all records. The position is valid with any peer, so that a
 * round goes on where another one stopped.
 */
final class Filling {

    private Optional<Position> next = Optional.empty();

    boolean underWay() {
        return next.isPresent();
    }

    /** Where to go on, or to begin. */
    Position next() {
        if (next.isEmpty()) {
            next = Optional.of(Position.START);
        }
        return next.get();
    }

    /** A peer went on up to there, or to its end. */
    void advance(Optional<Position> position) {
        next = position;
    }

    /** Where nothing came at all, what is held by now is as good a beginning. */
    void stalled() {
        if (next.equals(Optional.of(Position.START))) {
            next = Optional.empty();
        }
    }
}
