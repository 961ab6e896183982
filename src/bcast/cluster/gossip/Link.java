package bcast.cluster.gossip;

import bcast.data.Hash128;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the state machine knows of one link. */
final class Link {

    /** In place of where a peer begins to lack records. */
    static final long UP_TO_DATE = -1;

    /** In place of when a neighbour was doubted. */
    static final long NOT_DOUBTED = Long.MAX_VALUE;

    final int number;
    final Optional<Address> dialled;
    final String remoteHost;
    final long openedMs;
    /** The store, with the key of hashes that both sides use on this link. */
    final StoreView store;

    /** Set once both sides accepted each other's greeting. */
    LinkMessage.Hello hello;
    /** The id in the peer's greeting, accepted or not. */
    String peerName = "";
    Address peerAddress;
    /** Whether the two are neighbours; else one is on a visit. */
    boolean neighbour;

    long heardMs;
    /** When another node took this peer's address; until the peer shows a sign of life. */
    long doubtedMs = NOT_DOUBTED;
    long sentMs;
    long heartbeatMs;
    boolean heartbeatWanted;
    long lastEchoMs = -1;
    long lastEchoAtMs;
    long roundTripMs = -1;
    /** The peer's wall clock where this node's steady clock was 0; so no jump here changes it. */
    private long peerWallMs;
    /** Whether that was measured; its greeting tells it but for the time it took to arrive. */
    boolean clockKnown;
    long peerMeshHash;
    boolean peerFull;
    boolean peerReachable;
    int peerLinks;
    int peerRecords = -1;

    /** The last beacon that came this way. */
    Optional<SpreadMessage.Beacon> beacon = Optional.empty();
    /** The peer is below this node in the tree. */
    boolean child;
    /** The peer has a place in the tree; else it gets all records, to be sure. */
    boolean peerPlaced;
    /** Somebody missed a record here: it is part of the tree until the next beacon. */
    boolean grafted;

    /** Records held here that the peer is to be told of. */
    final Set<Hash128> announced = new LinkedHashSet<>();
    /** Records that wait for the flush window to end. */
    List<SpreadMessage.Push> held = new ArrayList<>();
    int heldBytes;

    /** Records of this peer under judgement. */
    int judging;
    int faults;
    /** From where on in the order of arrival the peer lacks records, see {@link CatchUp}. */
    long behindSeq = UP_TO_DATE;
    /** When the peer was last told to compare later since it is behind. */
    long turnedAwayMs = Long.MIN_VALUE / 2;
    /** When a long sketch was put off last. */
    long putOffMs = Long.MIN_VALUE / 2;

    Link(Input.Opened opened, StoreView store, long nowMs) {
        this.number = opened.link();
        this.dialled = opened.dialled();
        this.remoteHost = opened.remoteHost();
        this.store = store.keyed(opened.key());
        this.openedMs = nowMs;
        this.heardMs = nowMs;
    }

    /** Whether the peer is served by {@link CatchUp}, and not as news comes. */
    boolean behind() {
        return behindSeq != UP_TO_DATE;
    }

    /** The peer's wall clock, as it is now. */
    void peerWall(long wallMs, Now now) {
        peerWallMs = wallMs - now.steadyMs();
    }

    /** How far the peer's wall clock is ahead of this node's. */
    long clockOffsetMs(Now now) {
        return peerWallMs + now.steadyMs() - now.wallMs();
    }

    boolean doubted() {
        return doubtedMs != NOT_DOUBTED;
    }

    /** Whether the peer was dialled and has greeted, but the link is not up. */
    boolean greetedOnly() {
        return dialled.isPresent() && !peerName.isEmpty() && !up();
    }

    boolean up() {
        return hello != null;
    }

    NodeId node() {
        return hello.node();
    }

    boolean loopback() {
        return new Address(remoteHost, 0).loopback();
    }

    /** Whether others may be told of the peer's address: somebody dialled it with success. */
    boolean dialable() {
        return peerAddress.dialable() && (dialled.isPresent() || peerReachable);
    }

    @Override
    public String toString() {
        String where = dialled.map(Address::toString)
                .orElse(peerAddress == null ? remoteHost : peerAddress.toString());
        return hello == null ? where : node().brief() + " at " + where;
    }
}
