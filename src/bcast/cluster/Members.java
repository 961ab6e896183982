package bcast.cluster;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The cluster as one node sees it at one moment. Immutable.
 *
 * @param node this node's id, new at each start
 * @param address where it listens for links, {@code host:port}; no host if only peers can see it
 * @param root id of the root of the tree on which records spread; empty without a tree
 * @param parent id of this node's parent in that tree; empty without one
 * @param toGo records that a running comparison of stores has yet to exchange; empty without one
 * @param members all other known nodes, each once
 */
public record Members(String node, String address, Optional<String> root,
        Optional<String> parent, OptionalLong toGo, List<Member> members) {

    /**
     * Lists the links of a cluster without a tree.
     *
     * @param node this node's id
     * @param address where it listens for links
     * @param links the nodes linked; of several links to one node the first is listed
     * @return the cluster as this node sees it
     */
    public static Members of(String node, String address, Collection<Member> links) {
        Map<String, Member> each = new LinkedHashMap<>();
        links.forEach(link -> each.putIfAbsent(link.node(), link));
        return new Members(node, address, Optional.empty(), Optional.empty(),
                OptionalLong.empty(), List.copyOf(each.values()));
    }

    /** How another node is related to this one. */
    public enum State {
        /** Linked; each side sends the records that it accepts to the other. */
        NEIGHBOUR,
        /** Linked for a short time, to compare stores. */
        VISIT,
        /** Not linked; other nodes report that it is alive. */
        KNOWN
    }

    /**
     * Another node.
     *
     * @param node its id
     * @param state how it is related to this node
     * @param address where it listens for links, {@code host:port}
     * @param http where it serves clients, {@code host:port}; empty if unknown
     * @param sinceMs Unix milliseconds when it was linked, or else last known to be alive
     * @param roundTripMs time to it and back; empty if not measured
     * @param clockOffsetMs its wall clock minus that of this node; empty if not measured
     * @param records number of records that it holds; empty if it did not report that
     * @param dialled whether this node dialled it
     * @param child whether this node is its parent in the tree
     */
    public record Member(String node, State state, String address, Optional<String> http,
            long sinceMs, OptionalLong roundTripMs, OptionalLong clockOffsetMs,
            OptionalLong records, boolean dialled, boolean child) {

        /**
         * A neighbour without measurements, for clusters without a tree.
         *
         * @param node its id
         * @param address where it listens for links, {@code host:port}
         * @param sinceMs when it was linked, in Unix milliseconds
         * @param dialled whether this node dialled it
         * @return the neighbour
         */
        public static Member neighbour(String node, String address, long sinceMs,
                boolean dialled) {
            return new Member(node, State.NEIGHBOUR, address, Optional.empty(), sinceMs,
                    OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), dialled,
                    false);
        }
    }
}
