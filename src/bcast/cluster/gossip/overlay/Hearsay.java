package bcast.cluster.gossip.overlay;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Outbox;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What nodes report of other nodes, and which addresses may be passed on to which peers. */
final class Hearsay {

    /** The node with the larger id waits this long for the other one to dial. */
    static final long DIAL_DELAY_MS = 300;

    private final NodeId self;
    private final ActiveView view;
    private final Membership membership;
    private final AddressBook book;
    private final Outbox out;
    private final Random random;

    Hearsay(NodeId self, ActiveView view, Membership membership, AddressBook book, Outbox out,
            Random random) {
        this.self = self;
        this.view = view;
        this.membership = membership;
        this.book = book;
        this.out = out;
        this.random = random;
    }

    /** A loopback or link-local address means something else on another host. */
    static boolean mayHear(Link to, Address address) {
        return !address.linkLocal() && (!address.loopback() || to.loopback());
    }

    static boolean mayTell(Link from, Address address) {
        return address.dialable() && mayHear(from, address);
    }

    /** Names other nodes to a peer. */
    void introduce(Link to, long ms) {
        List<OverlayMessage.Peer> known = new ArrayList<>();
        for (Link link : view.peers()) {
            if (link != to && mayTell(to, link.peerAddress())) {
                known.add(new OverlayMessage.Peer(link.node(), link.peerAddress(), 0));
            }
        }
        known.addAll(book.sample(Membership.ACTIVE,
                peer -> !view.linked(peer.node()) && mayHear(to, peer.address()), ms));
        if (!known.isEmpty()) {
            out.send(to.number(), new OverlayMessage.Peers(List.copyOf(known)));
        }
    }

    /** A peer named other nodes. */
    void learn(Link from, List<OverlayMessage.Peer> peers, boolean dialable, long ms) {
        for (OverlayMessage.Peer peer : peers) {
            if (mayTell(from, peer.address()) && !peer.node().equals(self)
                    && !view.linked(peer.node())) {
                heard(peer.node(), peer.address(), ms - 1_000L * peer.ageS(), dialable, ms);
            }
        }
        if (membership.mesh()) {
            membership.dial(ms);
        }
    }

    /**
     * A node is known to be alive. Of two nodes that hear of each other the one with the smaller id
     * dials at once; only a link-local address is given time for a better one.
     */
    void heard(NodeId node, Address address, long aliveMs, boolean dialable, long ms) {
        long delay = self.compareTo(node) < 0 ? 0
                : DIAL_DELAY_MS + random.nextInt((int) DIAL_DELAY_MS);
        delay += address.linkLocal() ? DIAL_DELAY_MS : 0;
        book.heard(address, node, aliveMs, dialable, delay, ms);
    }
}
