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

    /** The question for the next records, or for the first ones. */
    RepairMessage.AskAll ask() {
        next = Optional.of(next.orElse(Position.START));
        return new RepairMessage.AskAll(next.get());
    }

    /** A peer sent all up to a position, or all it holds. False if that does not advance. */
    boolean advance(Optional<Position> position) {
        boolean sane = position.isEmpty()
                || position.get().compareTo(next.orElse(Position.START)) > 0;
        next = sane ? position : next;
        return sane;
    }

    /** A round was given up. If it brought nothing at all, the sync has not begun. */
    void stalled() {
        next = next.filter(position -> !position.equals(Position.START));
    }
}
