package bcast.cluster.gossip;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Finds other nodes: by multicast, by the addresses the user named, and by asking peers. */
final class Discovery {

    /** Time between announcements by multicast, once settled. */
    static final long ANNOUNCE_MS = 2_000;

    /** An unknown node is answered with an announcement, but not more often than this. */
    static final long ANNOUNCE_AGAIN_MS = 200;

    /** Time between lookups of the names the user gave. */
    static final long RESOLVE_MS = 5_000;

    /** Time between exchanges of peers while views differ. */
    static final long EXCHANGE_MS = 1_000;

    /** The node with the larger id waits so long for the other to dial. */
    static final long DIAL_DELAY_MS = 300;

    private final NodeId self;
    private final Neighbours neighbours;
    private final AddressBook book;
    private final Outbox out;
    private final Random random;
    private final long startedMs;
    private long announceDueMs;
    private long announcedMs;
    private long resolveDueMs;
    private long exchangeDueMs;

    Discovery(NodeId self, Neighbours neighbours, AddressBook book, Outbox out, Random random,
            Now now) {
        this.self = self;
        this.neighbours = neighbours;
        this.book = book;
        this.out = out;
        this.random = random;
        this.startedMs = now.steadyMs();
        this.announceDueMs = now.steadyMs();
        this.announcedMs = now.steadyMs() - ANNOUNCE_AGAIN_MS;
        this.resolveDueMs = now.steadyMs();
        this.exchangeDueMs = now.steadyMs() + EXCHANGE_MS;
    }

    void tick(Now now) {
        long ms = now.steadyMs();
        if (ms >= announceDueMs) {
            announce(ms);
        }
        if (ms >= resolveDueMs) {
            resolveDueMs = ms + RESOLVE_MS;
            out.add(new Output.Resolve());
        }
        if (ms >= exchangeDueMs) {
            exchangeDueMs = ms + EXCHANGE_MS;
            exchange();
        }
        dial(ms);
    }

    private void announce(long ms) {
        boolean settling = ms - startedMs < ANNOUNCE_MS;
        announceDueMs = ms + (settling ? ANNOUNCE_MS / 4 : ANNOUNCE_MS);
        announcedMs = ms;
        out.add(new Output.Announce());
    }

    private void dial(long ms) {
        if (neighbours.count() < Gossip.MAX_LINKS) {
            for (Address address : book.due(neighbours::linked, ms)) {
                out.add(new Output.Connect(address));
            }
        }
    }

    void announced(Input.Announced announced, Now now) {
        if (announced.node().equals(self) || neighbours.linked(announced.node())
                || !announced.address().dialable()) {
            return;
        }
        heard(announced.node(), announced.address(), now);
        if (now.steadyMs() - announcedMs >= ANNOUNCE_AGAIN_MS) {
            announce(now.steadyMs());
        }
        dial(now.steadyMs());
    }

    void dialFailed(Input.DialFailed failed, Now now) {
        String said = "cannot reach " + failed.address() + ": " + failed.reason();
        // The user named it, so he will want to know; once, until it was reached.
        if (book.failed(failed.address(), now.steadyMs()) == 1 && book.named(failed.address())) {
            out.warn(said + "; it is tried again and again");
        } else {
            out.debug(said);
        }
    }

    private void heard(NodeId node, Address address, Now now) {
        long delay = self.compareTo(node) < 0 ? 0
                : DIAL_DELAY_MS + random.nextInt((int) DIAL_DELAY_MS);
        book.heard(address, node, delay, now.steadyMs());
    }

    /** Tells peers whose view differs from ours whom we know. */
    private void exchange() {
        for (Link link : neighbours.peers()) {
            if (link.peerMeshHash != neighbours.meshHash()) {
                sendPeers(link);
            }
        }
    }

    /** Tells a peer whom else we know. */
    void sendPeers(Link to) {
        List<Message.Peer> known = new ArrayList<>();
        for (Link link : neighbours.peers()) {
            // A loopback address means something else on another host.
            boolean useful = link != to && (!link.peerAddress.loopback() || to.loopback());
            if (useful && link.peerAddress.port() != 0) {
                known.add(new Message.Peer(link.node(), link.peerAddress));
            }
        }
        while (known.size() > Message.MAX_PEERS) {
            known.remove(random.nextInt(known.size()));
        }
        if (!known.isEmpty()) {
            out.send(to.number, new Message.Peers(List.copyOf(known)));
        }
    }

    void told(Link link, Message.Peers known, Now now) {
        for (Message.Peer peer : known.peers()) {
            boolean reachable = peer.address().dialable()
                    && (!peer.address().loopback() || link.loopback());
            if (reachable && !peer.node().equals(self) && !neighbours.linked(peer.node())) {
                heard(peer.node(), peer.address(), now);
            }
        }
        dial(now.steadyMs());
    }
}
