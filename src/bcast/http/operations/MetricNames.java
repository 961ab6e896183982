package bcast.http.operations;

import bcast.base.Counters;
import bcast.base.LineWriter;
import bcast.core.Core;
import bcast.eventbus.Refusal;
import bcast.storage.journal.Journal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Names and help texts of all metrics in Prometheus. */
final class MetricNames {

    /**
     * One metric, or one of several that differ by labels.
     *
     * @param key its name in {@link Counters}
     * @param name its name in Prometheus; several may share it
     * @param labels distinguish those
     * @param help what it means
     */
    record Metric(String key, String name, String labels, String help) {}

    static final List<Metric> COUNTS = counts();
    static final List<Metric> GAUGES = gauges();
    static final List<Metric> HISTOGRAMS = List.of(
            new Metric("post_seconds", "bcast_post_seconds", "",
                    "Time to judge and answer a post of one record."),
            new Metric(Core.TRAVEL_SECONDS, "bcast_travel_seconds", "",
                    "Time from a record's timestamp to its acceptance here, from a peer."),
            new Metric(Journal.SYNC_SECONDS, "bcast_journal_sync_seconds", "",
                    "Time that the disk took to confirm what was written."));

    private MetricNames() {}

    private static List<Metric> counts() {
        List<Metric> all = new ArrayList<>();
        String accepted = "Records accepted, by origin: a client or a peer.";
        all.add(new Metric("accepted_client", "bcast_records_accepted_total",
                "from=\"client\"", accepted));
        all.add(new Metric("accepted_peer", "bcast_records_accepted_total",
                "from=\"peer\"", accepted));
        for (boolean peer : new boolean[] {false, true}) {
            for (Refusal why : Refusal.values()) {
                all.add(new Metric(Core.refusedCount(why, peer), "bcast_records_refused_total",
                        "from=\"" + (peer ? "peer" : "client") + "\",reason=\""
                        + why.name().toLowerCase(Locale.ROOT) + "\"",
                        "Records refused, by origin and reason; exists is a duplicate."));
            }
        }
        all.add(plain("replaced", "bcast_records_replaced_total",
                "Stored records that lost against another of the same id."));
        all.add(plain(Core.VALIDATOR_FAILED, "bcast_validator_failures_total",
                "Records refused because the validator failed to judge them."));
        all.add(plain(Core.UNCONFIRMED, "bcast_posts_unconfirmed_total",
                "Posts that no peer confirmed in time, see -ack."));
        all.add(plain("batches", "bcast_batches_total", "Posts of many records."));
        all.add(plain("batch_lines", "bcast_batch_lines_total", "Lines of posts of many records."));
        for (int digit = 2; digit <= 5; digit++) {
            all.add(new Metric("http_answers_" + digit, "bcast_http_answers_total",
                    "code=\"" + digit + "xx\"", "Answers to clients, by status."));
        }
        all.add(plain("http_faults", "bcast_http_faults_total",
                "Requests that ended by a fault of this node; each is logged."));
        all.add(plain("http_requests_evicted", "bcast_http_requests_evicted_total",
                "Requests cut while they sent headers, or the rest of a body after its answer."));
        all.add(plain("http_requests_refused", "bcast_http_requests_refused_total",
                "Connections closed because too many requests were being answered."));
        all.add(plain("http_refused_address", "bcast_http_refused_total",
                "Requests refused because their address had too many concurrent ones."));
        all.add(plain("http_forwarded_unusable", "bcast_http_forwarded_unusable_total",
                "Requests of proxies in -trustproxy whose headers did not lead to the client."));
        all.add(new Metric("http_clients_cut", "bcast_http_clients_cut_total", "reader=\"answer\"",
                "Clients cut because they were too slow."));
        all.add(new Metric("event_readers_cut", "bcast_http_clients_cut_total", "reader=\"events\"",
                "Clients cut because they were too slow."));
        all.add(plain("event_readers_refused", "bcast_event_readers_refused_total",
                "Readers of /events refused because there were too many."));
        all.add(plain("bus_dropped", "bcast_bus_events_dropped_total",
                "Events dropped because a module's queue was full; repair makes up for them."));
        all.add(plain(LineWriter.DROPPED, "bcast_log_lines_dropped_total",
                "Log lines dropped because those before them were not read in time."));
        all.add(plain(Journal.BYTES, "bcast_journal_written_bytes_total",
                "Bytes written to the journal."));
        all.add(plain(Journal.FAILURES, "bcast_journal_failures_total",
                "Attempts to write the journal that failed."));
        links(all);
        sync(all);
        return List.copyOf(all);
    }

    private static Metric plain(String key, String name, String help) {
        return new Metric(key, name, "", help);
    }

    private static void links(List<Metric> all) {
        String closed = "Links closed by this node, by reason.";
        all.add(new Metric("links_shed", "bcast_links_closed_total",
                "reason=\"neighbours_enough\"", closed));
        all.add(new Metric("links_silent", "bcast_links_closed_total",
                "reason=\"silent\"", closed));
        all.add(new Metric("links_broke_protocol", "bcast_links_closed_total",
                "reason=\"protocol\"", closed));
        all.add(new Metric("links_too_much_waits", "bcast_links_closed_total",
                "reason=\"too_much_waits\"", closed));
        all.add(new Metric("peers_shut_out", "bcast_links_closed_total",
                "reason=\"faults\"", closed));
        String faults = "Faults of peers, by kind.";
        all.add(new Metric("peer_faults_invalid", "bcast_peer_faults_total",
                "kind=\"invalid_record\"", faults));
        all.add(new Metric("peer_faults_nonsense", "bcast_peer_faults_total",
                "kind=\"nonsense\"", faults));
        all.add(new Metric("peer_faults_questions", "bcast_peer_faults_total",
                "kind=\"questions\"", faults));
        String refused = "Links refused before they were open, by reason.";
        all.add(new Metric("links_refused_far", "bcast_links_refused_total",
                "reason=\"far\"", refused));
        all.add(new Metric("links_refused_many", "bcast_links_refused_total",
                "reason=\"silent_address\"", refused));
        all.add(new Metric("links_refused_shut_out", "bcast_links_refused_total",
                "reason=\"address_shut_out\"", refused));
        all.add(plain("addresses_shut_out", "bcast_addresses_shut_out_total",
                "Addresses shut out because too many of their links failed."));
        all.add(plain("links_overflowed", "bcast_link_backlogs_dropped_total",
                "Backlogs of slow peers dropped; repair makes up for them."));
        all.add(plain("visits", "bcast_visits_total",
                "Links made to nodes that are not neighbours, to compare stores."));
        all.add(plain("pushed", "bcast_link_records_sent_total", "Records sent on links."));
        all.add(plain("push_received", "bcast_link_records_received_total",
                "Records received on links."));
        all.add(plain("push_duplicates", "bcast_link_records_duplicate_total",
                "Records received on links that this node already held."));
        all.add(plain("grafts", "bcast_grafts_total",
                "Announced records that this node requested."));
        all.add(plain("tree_parent_changes", "bcast_tree_parent_changes_total",
                "Changes of this node's parent in the tree."));
        String multicast = "Faults of multicast, by what failed.";
        all.add(new Metric("multicast_send_failed", "bcast_multicast_faults_total",
                "what=\"send\"", multicast));
        all.add(new Metric("multicast_join_failed", "bcast_multicast_faults_total",
                "what=\"join\"", multicast));
        all.add(new Metric("multicast_receive_failed", "bcast_multicast_faults_total",
                "what=\"receive\"", multicast));
        all.add(new Metric("multicast_broken", "bcast_multicast_faults_total",
                "what=\"beacon\"", multicast));
        all.add(new Metric("multicast_unproven", "bcast_multicast_faults_total",
                "what=\"unproven\"", multicast));
    }

    private static void sync(List<Metric> all) {
        all.add(plain("sync_rounds", "bcast_sync_rounds_total",
                "Rounds begun to compare stores with a peer."));
        all.add(plain("sync_rounds_different", "bcast_sync_rounds_different_total",
                "Rounds that found the stores different."));
        all.add(plain("sync_rounds_stalled", "bcast_sync_rounds_stalled_total",
                "Rounds given up."));
        String means = "What rounds needed beyond the small sketch.";
        all.add(new Metric("sync_rounds_bulk", "bcast_sync_means_total",
                "means=\"all_records\"", means));
        all.add(new Metric("sync_rounds_large", "bcast_sync_means_total",
                "means=\"large_sketch\"", means));
        all.add(new Metric("sync_rounds_buckets", "bcast_sync_means_total",
                "means=\"buckets\"", means));
        all.add(plain("sync_bytes_sent", "bcast_sync_sent_bytes_total",
                "Bytes sent to compare stores, the records themselves left out."));
        all.add(plain("sync_questions_dropped", "bcast_sync_questions_dropped_total",
                "Requests dropped from peers that sent too many."));
    }

    private static List<Metric> gauges() {
        return List.of(
                plain("records", "bcast_records", "Records held."),
                plain("records_bytes", "bcast_records_bytes",
                        "Memory taken by records, indexes included."),
                plain("records_limit_bytes", "bcast_records_limit_bytes",
                        "Memory that records may take, see -maxbytes."),
                plain(Journal.UNWRITTEN, "bcast_journal_unwritten_records",
                        "Records that wait to be written to the journal."),
                plain("peers", "bcast_peers", "Peers linked as neighbours."),
                plain("clocks_apart_seconds", "bcast_clocks_apart_seconds",
                        "Largest difference between the clocks of this node and of a linked peer, "
                        + "see -maxskew."),
                plain("link_queued_bytes", "bcast_link_queued_bytes",
                        "Bytes that wait to be sent on links."),
                new Metric("bus_queued_core", "bcast_bus_queued_events", "module=\"core\"",
                        "Events that wait for a module."),
                new Metric("bus_queued_cluster", "bcast_bus_queued_events",
                        "module=\"cluster\"", "Events that wait for a module."),
                plain("http_in_progress", "bcast_http_requests_in_progress",
                        "Requests being answered."),
                plain("event_readers", "bcast_event_readers", "Readers of /events."),
                plain("ready", "bcast_ready", "1 if the node is ready, else 0."),
                plain("heap_used_bytes", "bcast_heap_used_bytes", "Java heap in use."),
                plain("heap_max_bytes", "bcast_heap_max_bytes", "Java heap that may be used."),
                plain("start_time_seconds", "process_start_time_seconds",
                        "When the node started, in seconds since 1970."));
    }
}
