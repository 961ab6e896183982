package bcast.cluster.gossip.overlay;

import bcast.base.Units;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Refusals;
import bcast.storage.StoreView;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Greets the node at the other end of each new link. The node that dialled greets first, with the
 * role that it wants the link to have; the other one answers with the role that the link may have.
 * The link is up once both sides accepted the greeting of the other.
 *
 * <p>Of two links between the same nodes one stays, and both nodes choose the same one.
 */
final class Greeting {

    /** Lowest protocol version spoken. */
    static final int MIN_VERSION = 1;

    /** Highest protocol version spoken. */
    static final int MAX_VERSION = 1;

    /** Most visitors at once: they may not take all links there are. */
    static final int MAX_VISITORS = ActiveView.MAX_LINKS / 2;

    private static final Address NOWHERE = new Address("", 0);

    private final NodeSettings settings;
    private final StoreView store;
    private final ActiveView view;
    private final Membership membership;
    private final Hearsay hearsay;
    private final Liveness liveness;
    private final Refusals<NodeId> shutOuts;
    private final AddressBook book;
    private final Twins twins;
    private final Outbox out;
    private final LinkEvents listener;
    private boolean reachable;

    Greeting(NodeSettings settings, StoreView store, ActiveView view, Membership membership,
            Hearsay hearsay, Liveness liveness, Refusals<NodeId> shutOuts, AddressBook book,
            Twins twins, Outbox out, LinkEvents listener) {
        this.settings = settings;
        this.store = store;
        this.view = view;
        this.membership = membership;
        this.hearsay = hearsay;
        this.liveness = liveness;
        this.shutOuts = shutOuts;
        this.book = book;
        this.twins = twins;
        this.out = out;
        this.listener = listener;
    }

    /** Whether any node has dialled this one with success. */
    boolean reachable() {
        return reachable;
    }

    void opened(Input.Opened opened, Now now) {
        Link link = new Link(opened, store, now);
        view.add(link);
        if (link.dialled().isPresent()) {
            greet(link, book.role(link.dialled().get()), now);
        } else if (view.all().size() > ActiveView.MAX_LINKS) {
            decline(link, "as many links as there can be", now);
        }
    }

    private void greet(Link link, LinkRole role, Now now) {
        out.send(link.number(), new LinkMessage.Hello(MIN_VERSION, MAX_VERSION,
                settings.cluster(), settings.node(), settings.address(), settings.httpPort(),
                link.dialled().orElse(NOWHERE), now.wallMs(), settings.retentionMs(),
                settings.validator(), role));
    }

    /** Greets, names some others and hangs up. */
    private void decline(Link link, String why, Now now) {
        greet(link, LinkRole.NONE, now);
        hearsay.introduce(link, now.steadyMs());
        view.hangUp(link, why, now);
    }

    /** Handles a message of a link that is not up. */
    void on(Link link, Message message, Now now) {
        if (message instanceof LinkMessage.Hello hello) {
            onHello(link, hello, now);
        } else {
            view.hangUp(link, "no greeting first", now);
        }
    }

    void on(Link link, LinkMessage.Refuse refusal, Now now) {
        view.warnOnce("refused by " + link + ": " + refusal.reason());
        view.hangUp(link, "refused by the peer", now);
        link.dialled().ifPresent(address -> book.refused(address, now.steadyMs()));
    }

    private void onHello(Link link, LinkMessage.Hello hello, Now now) {
        link.greeted(hello);
        if (hello.node().equals(settings.node())) {
            // The node that was dialled reports to the other one which of the two it met.
            if (link.dialled().isEmpty()) {
                reportTwin(link, hello, "it has this node's id", now);
            }
            return;
        }
        Optional<Mismatch> mismatch = mismatch(hello, now);
        if (mismatch.isPresent()) {
            Address theirs = new Address(link.remoteHost(), hello.address().port());
            view.refuse(link, theirs.toString(), mismatch.get(), now);
            return;
        }
        Optional<Link> other = view.peer(hello.node());
        Address from = hello.address().seenAt(link.remoteHost());
        if (other.isPresent() && link.dialled().isEmpty()
                && twins.two(hello, from, other.get(), now)) {
            view.warnOnce("two nodes have the id " + hello.node() + ", one at "
                    + other.get().peerAddress() + " and one at " + from + "; the latter has to "
                    + "take a new id; was a virtual machine started twice from one snapshot?");
            reportTwin(link, hello, "another node of its id is linked", now);
        } else if (link.dialled().isPresent()) {
            answered(link, hello, now);
        } else {
            reachable |= hello.dialled().dialable();
            dialledBy(link, hello, now);
        }
    }

    private void reportTwin(Link link, LinkMessage.Hello hello, String why, Now now) {
        OptionalLong number = twins.number(hello.address().seenAt(link.remoteHost()), now);
        if (number.isPresent()) {
            greet(link, LinkRole.NONE, now);
            out.send(link.number(), new LinkMessage.Twin(number.getAsLong()));
        }
        view.hangUp(link, why, now);
    }

    /**
     * The other node reports that another one has this node's id.
     *
     * @return whether that is so; else this node dialled itself, or it dialled another address of
     *     a peer, which would have ended the link to this node for one to a twin
     */
    boolean isTwin(Link link, LinkMessage.Twin twin, Now now) {
        if (view.link(link.number()).isPresent()) {
            view.hangUp(link, "it has this node's id", now);
        }
        link.dialled().ifPresent(address -> book.refused(address, now.steadyMs()));
        return !twins.drew(twin.number()) && view.peers().stream().noneMatch(
                peer -> peer.peerName().equals(link.peerName()));
    }

    private Optional<Mismatch> mismatch(LinkMessage.Hello hello, Now now) {
        if (Math.min(MAX_VERSION, hello.maxVersion())
                < Math.max(MIN_VERSION, hello.minVersion())) {
            return Mismatch.of("protocol version", MIN_VERSION + ".." + MAX_VERSION,
                    hello.minVersion() + ".." + hello.maxVersion());
        }
        if (!hello.cluster().equals(settings.cluster())) {
            return Mismatch.of("cluster name", settings.cluster(), hello.cluster());
        }
        if (hello.retentionMs() != settings.retentionMs()) {
            return Mismatch.of("retention", Units.duration(settings.retentionMs()),
                    Units.duration(hello.retentionMs()));
        }
        if (!hello.validator().equals(settings.validator())) {
            return Mismatch.of("validator", settings.validator(), hello.validator());
        }
        if (shutOuts.contains(hello.node(), now.steadyMs())) {
            String why = "shut out for its faults";
            return Optional.of(new Mismatch(why, why));
        }
        return Optional.empty();
    }

    // ---- which role the link gets

    /** Answers the node that dialled. */
    private void dialledBy(Link link, LinkMessage.Hello hello, Now now) {
        if (hello.role() == LinkRole.VISIT && visitors() >= MAX_VISITORS) {
            decline(link, "as many visitors as there can be", now);
            return;
        }
        if (hello.role() == LinkRole.VISIT) {
            greet(link, LinkRole.VISIT, now);
            up(link, hello, false, now);
            return;
        }
        Optional<Link> other = view.peer(hello.node());
        if (other.isPresent() && !better(link, hello.node(), other.get())) {
            decline(link, "a second link", now);
        } else if (other.isPresent()) {
            greet(link, LinkRole.NEIGHBOUR, now);
            view.retire(other.get(), "replaced by a better link", now);
            up(link, hello, true, now);
        } else if (membership.answer(hello.role()) == LinkRole.NEIGHBOUR) {
            greet(link, LinkRole.NEIGHBOUR, now);
            up(link, hello, true, now);
        } else {
            decline(link, "neighbours enough", now);
        }
    }

    private long visitors() {
        return view.all().stream().filter(link -> link.up() && !link.neighbour()
                && link.dialled().isEmpty()).count();
    }

    /** The node that was dialled answered. */
    private void answered(Link link, LinkMessage.Hello hello, Now now) {
        Address address = link.dialled().orElseThrow();
        Optional<Link> other = view.peer(hello.node());
        if (other.isPresent()) {
            book.ledTo(address, hello.node(), now.steadyMs());
        }
        if (hello.role() == LinkRole.NONE) {
            view.retire(link, "it has neighbours enough", now);
            book.declined(address, hello.node(), now.steadyMs());
        } else if (other.isPresent() && (hello.role() == LinkRole.VISIT
                || !better(link, hello.node(), other.get()))) {
            view.retire(link, "a second link", now);
            book.linked(address, hello.node(), true, now.steadyMs());
        } else {
            other.ifPresent(each -> view.retire(each, "replaced by a better link", now));
            up(link, hello, hello.role() == LinkRole.NEIGHBOUR, now);
        }
    }

    /** Of two links the one dialled by the smaller id stays; of two dialled by one, the newer. */
    private boolean better(Link link, NodeId node, Link other) {
        if (link.dialled().isPresent() == other.dialled().isPresent()) {
            return true;
        }
        boolean weAreSmaller = settings.node().compareTo(node) < 0;
        return link.dialled().isPresent() == weAreSmaller;
    }

    private void up(Link link, LinkMessage.Hello hello, boolean neighbour, Now now) {
        link.up(hello, now);
        view.atAddressOf(link).forEach(other -> liveness.doubt(other, now));
        view.enter(link, now);
        if (neighbour) {
            membership.makeRoom(now);
            view.join(link);
        }
        listener.up(link, now);
    }
}
