package bcast.cluster.gossip.repair;

import bcast.storage.Position;
import java.util.Optional;

/**
 * How far a node has come that asks for all records because its store was empty. The position is
 * valid with any peer, so that a round goes on where another one stopped.
 */
final class InitialSync {

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

    /** A peer sent all records up to a position, or all that it holds. */
    void advance(Optional<Position> position) {
        next = position;
    }

    /** A round was given up. If it brought nothing at all, the next one begins by comparing. */
    void stalled() {
        if (next.equals(Optional.of(Position.START))) {
            next = Optional.empty();
        }
    }
}
