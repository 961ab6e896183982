package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.link.Refusals;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.eventbus.Event;
import bcast.storage.StoreView;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Brings each new record to all nodes: {@link Pushing} sends it along the {@link Tree} and
 * announces it elsewhere, {@link Judging} has the records of peers judged before they are passed
 * on, {@link Grafts} asks for what the tree did not bring, and {@link Acks} asks peers to confirm
 * that they hold a client's record.
 */
public final class Spread {

    private final Tree tree;
    private final Grafts grafts;
    private final Acks acks;
    private final Refusals<Hash128> refused = new Refusals<>(Judging.MAX_REFUSED);
    private final Wanted wanted;
    private final Pushing pushing;
    private final Judging judging;

    /**
     * A node without links.
     *
     * @param settings what it expects of records
     * @param store what it holds
     * @param neighbours the links
     * @param mesh whether all nodes are linked to each other
     * @param out where outputs go
     */
    public Spread(NodeSettings settings, StoreView store, Neighbours neighbours,
            BooleanSupplier mesh, Outbox out) {
        this.tree = new Tree(settings.node(), neighbours, store::full, out);
        this.wanted = new Wanted(refused, settings);
        this.grafts = new Grafts(wanted, neighbours, tree, out);
        this.acks = new Acks(neighbours, out);
        this.pushing = new Pushing(neighbours, mesh, tree, grafts, acks, out);
        this.judging = new Judging(store, neighbours, pushing, refused, out,
                settings.maxSkewMs());
    }

    /**
     * Takes over from the same node under another id, which has no links any more.
     *
     * @param before that one
     * @param now the time
     */
    public void follow(Spread before, Now now) {
        acks.follow(before.acks, now);
        judging.follow(before.judging);
    }

    // ---- links

    /**
     * A link is up, or is one between neighbours now.
     *
     * @param link the link
     * @param now the time
     */
    public void up(Link link, Now now) {
        tree.up(link, now.steadyMs());
    }

    /**
     * A link is gone.
     *
     * @param link the link
     */
    public void down(Link link) {
        pushing.resume(link);
        tree.down(link);
    }

    /**
     * Sends what waits for a link, which is about to end.
     *
     * @param link the link
     */
    public void parting(Link link) {
        grafts.flush(link);
    }

    /**
     * Holds new records back from a peer, which gets them later in another way.
     *
     * @param link its link
     */
    public void pause(Link link) {
        pushing.pause(link);
    }

    /**
     * Sends new records on a link again.
     *
     * @param link the link
     */
    public void resume(Link link) {
        pushing.resume(link);
    }

    /**
     * Tells whether new records are held back from a peer.
     *
     * @param link its link
     * @return whether they are
     */
    public boolean paused(Link link) {
        return pushing.paused(link);
    }

    // ---- messages

    /**
     * A message of this protocol arrived.
     *
     * @param link the link
     * @param message the message
     * @param now the time
     */
    public void on(Link link, SpreadMessage message, Now now) {
        if (message instanceof SpreadMessage.Push push) {
            judging.pushed(link, push, now);
        } else if (message instanceof SpreadMessage.Held held) {
            acks.onHeld(held);
        } else if (link.neighbour()) {
            // A visitor has no place in the tree.
            onTree(link, message, now);
        }
    }

    private void onTree(Link link, SpreadMessage message, Now now) {
        if (message instanceof SpreadMessage.Beacon beacon) {
            tree.onBeacon(link, beacon, now.steadyMs());
        } else if (message instanceof SpreadMessage.IHave have) {
            grafts.onIHave(link, have, now);
        } else if (message instanceof SpreadMessage.Graft graft) {
            grafts.onGraft(link, graft);
        } else if (message instanceof SpreadMessage.Gone gone) {
            grafts.onGone(link, gone, now);
        }
    }

    /**
     * Tells whether the peer of a visit had better become a neighbour, since it is in another tree.
     *
     * @param beacon its beacon
     * @param now the time
     * @return whether it had
     */
    public boolean joinedBy(SpreadMessage.Beacon beacon, Now now) {
        return tree.joinedBy(beacon, now.steadyMs());
    }

    // ---- verdicts and clients' records

    /**
     * A record is stored.
     *
     * @param accepted the record, of a client or a peer
     * @param now the time
     * @return the number of the link on which it came in a round; empty if it did not
     */
    public Optional<Integer> accepted(Event.Accepted accepted, Now now) {
        return judging.accepted(accepted, now);
    }

    /**
     * A peer's record was refused.
     *
     * @param event the record
     * @param now the time
     */
    public void refused(Event.Refused event, Now now) {
        judging.refused(event, now);
    }

    /**
     * A peer has to confirm that it holds a client's record.
     *
     * @param confirm the record
     * @param now the time
     */
    public void confirm(Event.Confirm confirm, Now now) {
        acks.request(confirm.data(), confirm.again(), now);
    }

    /** Keys were read again: records that were refused may be genuine. */
    public void keysChanged() {
        judging.keysChanged();
    }

    /** Verdicts were lost: forgets the records under judgement, which rounds bring again. */
    public void forget() {
        judging.forget();
    }

    /** {@return bytes of records under judgement} */
    public long judgingBytes() {
        return judging.bytes();
    }

    /**
     * Counts the records of a peer that are under judgement.
     *
     * @param link its link
     * @return how many there are
     */
    public int judging(Link link) {
        return judging.of(link);
    }

    /** {@return which records this node would take} */
    public Wanted wanted() {
        return wanted;
    }

    // ---- the tree

    /** {@return the root, if there is one} */
    public Optional<NodeId> root() {
        return tree.root();
    }

    /** {@return this node's parent, if it has one} */
    public Optional<NodeId> parent() {
        return tree.parent();
    }

    /** {@return whether this node has a place in the tree} */
    public boolean placed() {
        return tree.placed();
    }

    /**
     * Tells whether a peer is this node's parent, or was a moment ago.
     *
     * @param link its link
     * @return whether it is
     */
    public boolean isParent(Link link) {
        return tree.isParent(link);
    }

    /**
     * Tells whether a link is one of the tree's own.
     *
     * @param link the link
     * @return whether it leads to the parent or to a child
     */
    public boolean inTree(Link link) {
        return tree.has(link);
    }

    /** {@return numbers of the links whose peers must learn at once of this node's new place} */
    public List<Integer> takeToTell() {
        return tree.takeToTell();
    }

    // ---- time

    /**
     * Looks after the tree.
     *
     * @param now the time
     */
    public void tickTree(Now now) {
        tree.tick(now.steadyMs());
    }

    /**
     * Asks again for what is missing or unconfirmed.
     *
     * @param now the time
     */
    public void tick(Now now) {
        grafts.tick(now);
        acks.tick(now);
    }

    /**
     * Tells whether records wait to be announced on a link.
     *
     * @param link the link
     * @return whether some do
     */
    public boolean announces(Link link) {
        return grafts.announces(link);
    }

    /**
     * Announces the records that wait for it.
     *
     * @param link the link
     */
    public void announce(Link link) {
        grafts.flush(link);
    }

    /**
     * Sends a record once more, outside the tree.
     *
     * @param link the link
     * @param data the record
     * @param meshHash see {@link SpreadMessage.Push}
     */
    public void resend(Link link, Data data, long meshHash) {
        pushing.resend(link, data, meshHash);
    }
}
