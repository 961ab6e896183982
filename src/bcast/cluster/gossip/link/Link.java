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
    private Optional<Hello> hello = Optional.empty();
    private String peerName = "";
    private Address peerAddress;
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

    /**
     * A link that was just opened.
     *
     * @param opened the input that reports it
     * @param store the store of this node
     * @param now the time
     */
    public Link(Input.Opened opened, StoreView store, Now now) {
        this.number = opened.link();
        this.dialled = opened.dialled();
        this.remoteHost = opened.remoteHost();
        this.store = store.keyed(opened.key());
        this.openedMs = now.steadyMs();
        this.heardMs = now.steadyMs();
    }

    /** {@return its number, which no other link of this node ever has} */
    public int number() {
        return number;
    }

    /** {@return the address that this node dialled; empty if the peer dialled} */
    public Optional<Address> dialled() {
        return dialled;
    }

    /** {@return the peer's IP literal} */
    public String remoteHost() {
        return remoteHost;
    }

    /** {@return when the link was opened, by the steady clock} */
    public long openedMs() {
        return openedMs;
    }

    /** {@return the store, hashing records by the key that both sides use on this link} */
    public StoreView store() {
        return store;
    }

    // ---- greeting

    /**
     * The peer sent a greeting, which is yet to be judged.
     *
     * @param greeting the greeting
     */
    public void greeted(Hello greeting) {
        peerName = greeting.node().toString();
    }

    /**
     * Both sides accepted each other's greeting.
     *
     * @param greeting the peer's greeting
     * @param now the time
     */
    public void up(Hello greeting, Now now) {
        hello = Optional.of(greeting);
        peerAddress = greeting.address().seenAt(remoteHost);
        peerWall(greeting.wallMs(), now);
    }

    /** The two nodes are neighbours from now on. */
    public void becomeNeighbour() {
        neighbour = true;
    }

    /** {@return whether both sides accepted each other's greeting} */
    public boolean up() {
        return hello.isPresent();
    }

    /** {@return whether the peer was dialled and has greeted, but the link is not up} */
    public boolean greetedOnly() {
        return dialled.isPresent() && !peerName.isEmpty() && !up();
    }

    /** {@return whether the two nodes are neighbours; else one of them is on a visit} */
    public boolean neighbour() {
        return neighbour;
    }

    /** {@return the peer's greeting; the link has to be up} */
    public Hello hello() {
        return hello.orElseThrow();
    }

    /** {@return the peer's id; the link has to be up} */
    public NodeId node() {
        return hello().node();
    }

    /** {@return the id in the peer's greeting, accepted or not; empty before the greeting} */
    public String peerName() {
        return peerName;
    }

    /** {@return where the peer listens, as seen from here; null before the link is up} */
    public Address peerAddress() {
        return peerAddress;
    }

    /** {@return whether the peer is on this host} */
    public boolean loopback() {
        return new Address(remoteHost, 0).loopback();
    }

    /** {@return whether the peer can be dialled: this node or another one has done so} */
    public boolean dialable() {
        return peerAddress.dialable() && (dialled.isPresent() || heartbeat.reachable());
    }

    // ---- liveness and clocks

    /**
     * The peer gave a sign of life, or its silence is forgiven.
     *
     * @param now the time
     */
    public void heard(Now now) {
        heardMs = now.steadyMs();
    }

    /** {@return when the peer last gave a sign of life, by the steady clock} */
    public long heardMs() {
        return heardMs;
    }

    /**
     * The peer sent a heartbeat.
     *
     * @param beat the heartbeat
     * @param now the time
     */
    public void heard(Heartbeat beat, Now now) {
        heartbeat = beat;
        heartbeatAtMs = now.steadyMs();
        if (beat.echoMs() >= 0) {
            roundTripMs = Math.max(0, now.steadyMs() - beat.echoMs() - beat.heldMs());
        }
        long travelMs = Math.max(0, roundTripMs) / 2;
        peerWall(beat.wallMs() + travelMs, now);
    }

    /** {@return the peer's last heartbeat; one with -1 records if it sent none} */
    public Heartbeat heartbeat() {
        return heartbeat;
    }

    /** {@return whether the peer has sent a heartbeat, so that its clock is measured} */
    public boolean clockKnown() {
        return heartbeat != NONE;
    }

    /** {@return when the peer's last heartbeat arrived, by the steady clock} */
    public long heartbeatAtMs() {
        return heartbeatAtMs;
    }

    /** This node's own state changed: the peer is to get a heartbeat soon. */
    public void wantHeartbeat() {
        heartbeatWanted = true;
    }

    /** A heartbeat is sent to the peer. */
    public void heartbeatSent() {
        heartbeatWanted = false;
    }

    /** {@return whether the peer is to get a heartbeat soon} */
    public boolean heartbeatWanted() {
        return heartbeatWanted;
    }

    /** {@return the last round trip measured, in milliseconds; -1 before the first} */
    public long roundTripMs() {
        return roundTripMs;
    }

    private void peerWall(long wallMs, Now now) {
        peerWallMs = wallMs - now.steadyMs();
    }

    /**
     * Tells how far the clocks of both sides are apart.
     *
     * @param now the time
     * @return how far the peer's wall clock is ahead of this node's, in milliseconds
     */
    public long clockOffsetMs(Now now) {
        return peerWallMs + now.steadyMs() - now.wallMs();
    }

    @Override
    public String toString() {
        String where = dialled.map(Address::toString)
                .orElse(peerAddress == null ? remoteHost : peerAddress.toString());
        return hello.isEmpty() ? where : node().brief() + " at " + where;
    }
}
