package bcast.cluster.gossip.overlay;

import bcast.base.Units;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Neighbours;
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
    static final int MAX_VISITORS = Neighbours.MAX_LINKS / 2;

    private static final Address NOWHERE = new Address("", 0);

    /** Why two nodes do not fit, for the log of each of them. */
    private record Mismatch(String toUs, String toThem) {
        static Optional<Mismatch> of(String what, Object ours, Object theirs) {
            return Optional.of(new Mismatch(what + " differs: ours " + ours + ", theirs " + theirs,
                    what + " differs: ours " + theirs + ", theirs " + ours));
        }
    }

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
        } else if (view.all().size() > Neighbours.MAX_LINKS) {
            decline(link, "no room for another link", now);
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

    /** Handles a message of a link that is not up, or a refusal. */
    void on(Link link, Message message, Now now) {
        if (message instanceof LinkMessage.Hello hello) {
            onHello(link, hello, now);
        } else if (message instanceof LinkMessage.Refuse refusal) {
            view.warnOnce("refused by " + link + ": " + refusal.reason());
            view.hangUp(link, "refused by the peer", now);
            link.dialled().ifPresent(address -> book.refused(address, now.steadyMs()));
        } else {
            view.hangUp(link, "no greeting first", now);
        }
    }

    private void onHello(Link link, LinkMessage.Hello hello, Now now) {
        link.greeted(hello);
        if (hello.node().equals(settings.node())) {
            // The node that was dialled reports to the other one which of the two it met.
            if (link.dialled().isEmpty()) {
                reportTwin(link, "it has this node's id", now);
            }
            return;
        }
        Optional<Mismatch> mismatch = mismatch(hello, now);
        if (mismatch.isPresent()) {
            Address theirs = new Address(link.remoteHost(), hello.address().port());
            view.refuse(link, theirs.toString(), mismatch.get().toUs, mismatch.get().toThem, now);
        } else if (link.dialled().isPresent()) {
            answered(link, now);
        } else {
            dialledBy(link, now);
        }
    }

    private void reportTwin(Link link, String why, Now now) {
        OptionalLong number = twins.number(link.peerAddress(), now);
        if (number.isPresent()) {
            greet(link, LinkRole.NONE, now);
            out.send(link.number(), new LinkMessage.Twin(number.getAsLong()));
        }
        view.hangUp(link, why, now);
    }

    /**
     * Whether another node has this node's id, as the other side reports. Else this node dialled
     * itself, or it dialled another address of a peer, which would have ended the link to this node
     * for one to a twin.
     */
    boolean isTwin(Link link, LinkMessage.Twin twin, Now now) {
        if (view.link(link.number()).isPresent()) {
            view.hangUp(link, "it has this node's id", now);
        }
        link.dialled().ifPresent(address -> book.refused(address, now.steadyMs()));
        return !twins.drew(twin.number()) && !view.linked(link.node());
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
    private void dialledBy(Link link, Now now) {
        LinkMessage.Hello hello = link.hello();
        Optional<Link> other = view.peer(link.node());
        if (other.isPresent() && twins.two(link, other.get(), now)) {
            view.warnOnce("two nodes have the id " + link.node() + ", one at "
                    + other.get().peerAddress() + " and one at " + link.peerAddress()
                    + "; the latter must take a new id; was a virtual machine started twice "
                    + "from one snapshot?");
            reportTwin(link, "another node of its id is linked", now);
            return;
        }
        reachable |= hello.dialled().dialable();
        boolean visit = hello.role() == LinkRole.VISIT;
        if (visit && visitors() >= MAX_VISITORS) {
            decline(link, "no room for another visit", now);
        } else if (visit) {
            greet(link, LinkRole.VISIT, now);
            up(link, false, now);
        } else if (other.isPresent() && !better(link, other.get())) {
            decline(link, "a second link", now);
        } else if (other.isEmpty() && !membership.accepts(hello.role())) {
            decline(link, "neighbours enough", now);
        } else {
            greet(link, LinkRole.NEIGHBOUR, now);
            other.ifPresent(each -> view.retire(each, "replaced by a better link", now));
            up(link, true, now);
        }
    }

    private long visitors() {
        return view.all().stream().filter(link -> link.up() && !link.neighbour()
                && link.dialled().isEmpty()).count();
    }

    /** The node that was dialled answered. */
    private void answered(Link link, Now now) {
        Address address = link.dialled().orElseThrow();
        LinkRole role = link.hello().role();
        Optional<Link> other = view.peer(link.node());
        if (other.isPresent()) {
            book.ledTo(address, link.node(), now.steadyMs());
        }
        if (role == LinkRole.NONE) {
            view.retire(link, "it has neighbours enough", now);
            book.declined(address, link.node(), now.steadyMs());
        } else if (other.isPresent() && (role == LinkRole.VISIT || !better(link, other.get()))) {
            view.retire(link, "a second link", now);
            book.linked(address, link.node(), true, now.steadyMs());
        } else {
            other.ifPresent(each -> view.retire(each, "replaced by a better link", now));
            up(link, role == LinkRole.NEIGHBOUR, now);
        }
    }

    /** Of two links the one dialled by the smaller id stays; of two dialled by one, the newer. */
    private boolean better(Link link, Link other) {
        boolean weDialled = link.dialled().isPresent();
        return weDialled == other.dialled().isPresent()
                || weDialled == settings.node().compareTo(link.node()) < 0;
    }

    private void up(Link link, boolean neighbour, Now now) {
        link.up(now);
        view.atAddressOf(link).forEach(other -> liveness.doubt(other, now));
        view.enter(link, now);
        if (neighbour) {
            membership.join(link, now);
        }
        listener.up(link, now);
    }
}
