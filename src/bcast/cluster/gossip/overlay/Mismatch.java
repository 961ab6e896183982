package bcast.cluster.gossip.overlay;

import java.util.Optional;

/**
 * Why two nodes do not fit.
 *
 * @param toUs as this node sees it
 * @param toThem as the other node sees it
 */
record Mismatch(String toUs, String toThem) {

    static Optional<Mismatch> of(String what, Object ours, Object theirs) {
        return Optional.of(new Mismatch(what + " differs: ours " + ours + ", theirs " + theirs,
                what + " differs: ours " + theirs + ", theirs " + ours));
    }
}
