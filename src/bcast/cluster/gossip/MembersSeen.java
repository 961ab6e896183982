package bcast.cluster.gossip;

import bcast.cluster.Members;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.overlay.Overlay;
import bcast.cluster.gossip.overlay.OverlayMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Lists the nodes that one node knows: the linked ones, then those in its address book. */
final class MembersSeen {

    private MembersSeen() {}

    static List<Members.Member> of(NodeId self, Overlay overlay, Now now) {
        List<Members.Member> members = new ArrayList<>();
        Set<NodeId> listed = new HashSet<>(Set.of(self));
        overlay.links().stream().filter(link -> link.up() && listed.add(link.node()))
                .forEach(link -> members.add(linked(link, now)));
        overlay.alive(now).stream().filter(peer -> listed.add(peer.node()))
                .forEach(peer -> members.add(known(peer, now)));
        return members;
    }

    private static Members.Member linked(Link link, Now now) {
        Address http = new Address(link.peerAddress().host(), link.hello().httpPort());
        return new Members.Member(link.node().toString(),
                link.neighbour() ? Members.State.NEIGHBOUR : Members.State.VISIT,
                link.peerAddress().toString(), Optional.of(http.toString()),
                now.wallMs() - (now.steadyMs() - link.openedMs()),
                measured(link.roundTripMs(), link.roundTripMs() >= 0),
                measured(link.clockOffsetMs(now), link.clockKnown()),
                measured(link.heartbeat().records(), link.heartbeat().records() >= 0),
                link.dialled().isPresent(), link.heartbeat().parent());
    }

    private static Members.Member known(OverlayMessage.Peer peer, Now now) {
        return new Members.Member(peer.node().toString(), Members.State.KNOWN,
                peer.address().toString(), Optional.empty(), now.wallMs() - 1_000L * peer.ageS(),
                OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), false, false);
    }

    private static OptionalLong measured(long value, boolean measured) {
        return measured ? OptionalLong.of(value) : OptionalLong.empty();
    }
}
