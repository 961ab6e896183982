package bcast.cluster.gossip;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who is in the cluster, as one node sees it at one moment.
 *
 * @param node this node's id, new at each start
 * @param address where it listens for links, as far as it knows itself
 * @param root id of the root of the tree on which news spreads, if there is one
 * @param parent id of this node's parent in the tree, if it has one
 * @param toGo records that a running comparison of stores has yet to bring or give, as far as is
 *     known; empty if none is running
 * @param members all other nodes known
 */
public record Members(String node, String address, Optional<String> root,
        Optional<String> parent, OptionalLong toGo, List<Member> members) {

    /** How a node stands to this one. */
    public enum State {
        /** It is linked, and news goes both ways. */
        NEIGHBOUR,
        /** It is linked for a moment, to compare stores. */
        VISIT,
        /** It is said to be alive. */
        KNOWN
    }

    /**
     * Another node.
     *
     * @param node its id
     * @param state how it stands to this node
     * @param address where it listens for links, {@code host:port}
     * @param http where it serves clients, {@code host:port}, while it is linked
     * @param sinceMs when it was linked, or else known to be alive last, in Unix milliseconds
     * @param roundTripMs time to it and back, if it was measured
     * @param clockOffsetMs how far its clock is ahead of this node's, if that was measured
     * @param records how many records it holds, if it said so
     * @param dialled whether this node dialled it
     * @param child whether it is below this node in the tree
     */
    public record Member(String node, State state, String address, Optional<String> http,
            long sinceMs, OptionalLong roundTripMs, OptionalLong clockOffsetMs,
            OptionalLong records, boolean dialled, boolean child) {

        static Member linked(Link link, Now now) {
            Address http = new Address(link.peerAddress.host(), link.hello.httpPort());
            return new Member(link.node().toString(),
                    link.neighbour ? State.NEIGHBOUR : State.VISIT,
                    link.peerAddress.toString(), Optional.of(http.toString()),
                    now.wallMs() - (now.steadyMs() - link.openedMs),
                    known(link.roundTripMs, link.roundTripMs >= 0),
                    known(link.clockOffsetMs(now), link.clockKnown),
                    known(link.peerRecords, link.peerRecords >= 0),
                    link.dialled.isPresent(), link.child);
        }

        static Member heardOf(Message.Peer peer, Now now) {
            return new Member(peer.node().toString(), State.KNOWN, peer.address().toString(),
                    Optional.empty(), now.wallMs() - 1_000L * peer.ageS(), OptionalLong.empty(),
                    OptionalLong.empty(), OptionalLong.empty(), false, false);
        }

        private static OptionalLong known(long value, boolean known) {
            return known ? OptionalLong.of(value) : OptionalLong.empty();
        }
    }
}
