package bcast.cluster.gossip.link;

import bcast.base.Metric;
import bcast.cluster.gossip.link.LinkMessage.Heartbeat;
import bcast.cluster.gossip.link.LinkMessage.Hello;
import bcast.storage.StoreView;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A link to another node: which node that is, whether it is alive, and what it last reported of
 * itself. What a single protocol notes about a link is in a {@link PerLink} of that protocol.
 *
 * <pre>
 *  opened --- both greetings accepted ---&gt; visit --- neighbours ---&gt; neighbour
 *    |           (a visit may last)          |      (at once, or by      |
 *    | refused, declined,                    |         an Adopt)         | silent for 8 s,
 *    | no greeting within 5 s                | its round is over,        | Bye, replaced by
 *    v                                       v or 60 s have passed       v a better link
 *  closed &lt;---------------------------------+---------------------------+
 * </pre>
 *
 * <p>A link that this node closed itself may still bring records that were on their way.
 */
public final class Link {

    /** Counts links closed by this node; labelled with the {@code reason}. */
    public static final Metric CLOSED = Metric.counter("bcast_links_closed_total",
            "Links closed by this node, by reason.");

    /** Time between heartbeats on a quiet link. */
    public static final long HEARTBEAT_MS = 3_000;

    /** Stands for the heartbeat of a peer that has sent none. */
    private static final Heartbeat NONE =
            new Heartbeat(-1, -1, 0, 0, 0, false, false, false, false, 0, -1);

    private final int number;
    private final Optional<Address> dialled;
    private final String remoteHost;
    private final long openedMs;
    private final StoreView store;
    private Hello hello;
    private String peerName = "";
    private Address peerAddress;
    private boolean up;
    private boolean neighbour;
    private long heardMs;
    private Heartbeat heartbeat = NONE;
    private long heartbeatAtMs;
    private boolean heartbeatWanted;
    private long roundTripMs = -1;
    /** The peer's wall clock when this node's steady clock was 0: jumps here do not change it. */
    private long peerWallMs;
    /** What the protocols note about this link, by their {@link PerLink}s. */
    final Map<Object, Object> states = new IdentityHashMap<>(8);

    /** A link that was just opened, and the store of this node. */
    public Link(Input.Opened opened, StoreView store, Now now) {
        this.number = opened.link();
        this.dialled = opened.dialled();
        this.remoteHost = opened.remoteHost();
        this.store = store.keyed(opened.key());
        this.openedMs = now.steadyMs();
        this.heardMs = now.steadyMs();
    }

    /** Its number, which no other link of this node ever has. */
    public int number() {
        return number;
    }

    /** The address that this node dialled; empty if the peer dialled. */
    public Optional<Address> dialled() {
        return dialled;
    }

    /** The peer's IP literal. */
    public String remoteHost() {
        return remoteHost;
    }

    /** When the link was opened, by the steady clock. */
    public long openedMs() {
        return openedMs;
    }

    /** The store, hashing records by the key that both sides use on this link. */
    public StoreView store() {
        return store;
    }

    // ---- greeting

    /** The peer sent a greeting, which is yet to be judged. */
    public void greeted(Hello greeting) {
        hello = greeting;
        peerName = greeting.node().toString();
        peerAddress = greeting.address().seenAt(remoteHost);
    }

    /** Both sides accepted each other's greeting. */
    public void up(Now now) {
        up = true;
        peerWall(hello.wallMs(), now);
    }

    /** The two nodes are neighbours from now on. */
    public void becomeNeighbour() {
        neighbour = true;
    }

    /** Whether both sides accepted each other's greeting. */
    public boolean up() {
        return up;
    }

    /** Whether the peer was dialled and has greeted, but the link is not up. */
    public boolean greetedOnly() {
        return dialled.isPresent() && hello != null && !up;
    }

    /** Whether the two nodes are neighbours; else one of them is on a visit. */
    public boolean neighbour() {
        return neighbour;
    }

    /** The peer's greeting, accepted or not; null before it. */
    public Hello hello() {
        return hello;
    }

    /** The peer's id; the peer has to have greeted. */
    public NodeId node() {
        return hello.node();
    }

    /** The peer's id as text; empty before its greeting. */
    public String peerName() {
        return peerName;
    }

    /** Where the peer listens, as seen from here; null before its greeting. */
    public Address peerAddress() {
        return peerAddress;
    }

    /** Whether the peer is on this host. */
    public boolean loopback() {
        return new Address(remoteHost, 0).loopback();
    }

    /** Whether the peer can be dialled: this node or another one has done so. */
    public boolean dialable() {
        return peerAddress.dialable() && (dialled.isPresent() || heartbeat.reachable());
    }

    // ---- liveness and clocks

    /** The peer gave a sign of life, or its silence is forgiven. */
    public void heard(Now now) {
        heardMs = now.steadyMs();
    }

    /** When the peer last gave a sign of life, by the steady clock. */
    public long heardMs() {
        return heardMs;
    }

    /** The peer sent a heartbeat. */
    public void heard(Heartbeat beat, Now now) {
        heartbeat = beat;
        heartbeatAtMs = now.steadyMs();
        if (beat.echoMs() >= 0) {
            roundTripMs = Math.max(0, now.steadyMs() - beat.echoMs() - beat.heldMs());
        }
        long travelMs = Math.max(0, roundTripMs) / 2;
        peerWall(beat.wallMs() + travelMs, now);
    }

    /** The peer's last heartbeat; one with -1 records if it sent none. */
    public Heartbeat heartbeat() {
        return heartbeat;
    }

    /** Whether the peer has sent a heartbeat, so that its clock is measured. */
    public boolean clockKnown() {
        return heartbeat != NONE;
    }

    /** When the peer's last heartbeat arrived, by the steady clock. */
    public long heartbeatAtMs() {
        return heartbeatAtMs;
    }

    /** This node's own state changed: the peer is to get a heartbeat soon. */
    public void wantHeartbeat() {
        heartbeatWanted = true;
    }

    public void heartbeatSent() {
        heartbeatWanted = false;
    }

    public boolean heartbeatWanted() {
        return heartbeatWanted;
    }

    /** The last round trip measured, in milliseconds; -1 before the first. */
    public long roundTripMs() {
        return roundTripMs;
    }

    private void peerWall(long wallMs, Now now) {
        peerWallMs = wallMs - now.steadyMs();
    }

    /** How far the peer's wall clock is ahead of this node's, in milliseconds. */
    public long clockOffsetMs(Now now) {
        return peerWallMs + now.steadyMs() - now.wallMs();
    }

    /** For logs: the address that a peer claims stands there only once the link is up. */
    @Override
    public String toString() {
        String where = dialled.map(Address::toString)
                .orElse(up ? peerAddress.toString() : remoteHost);
        return up ? node().brief() + " at " + where : where;
    }
}
