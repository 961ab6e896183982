package bcast.http.operations;

import bcast.cluster.Cluster;
import bcast.cluster.Members;
import bcast.core.Core;
import bcast.data.JsonText;
import bcast.http.reading.Cursors;
import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import bcast.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.StringJoiner;

/** {@code GET /members}: this node and all others of its cluster. */
public final class GetMembers implements Handler {

    private final Core core;
    private final Storage storage;
    private final Cluster cluster;
    private final Cursors cursors;
    private final String identity;
    private final SerialRenderer inTurn = new SerialRenderer();

    public GetMembers(Core core, Storage storage, Cluster cluster, Cursors cursors, String version,
            String clusterName, String validator) {
        this.core = core;
        this.storage = storage;
        this.cluster = cluster;
        this.cursors = cursors;
        this.identity = ",\"version\":" + JsonText.quote(version)
                + ",\"cluster\":" + JsonText.quote(clusterName)
                + ",\"validator\":" + JsonText.quote(validator);
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        call.setHeader("Cache-Control", "no-store");
        // Before the turn, or requests would wait for the cluster one after another.
        Members now = cluster.members().orElseThrow(() ->
                new HttpError(503, "busy", "The cluster did not respond in time; try again"));
        call.answerLarge(Call.JSON, inTurn.make(() -> json(now)));
    }

    private String json(Members now) {
        StringJoiner others = new StringJoiner(",", "[", "]");
        now.members().forEach(member -> others.add(json(member, now)));
        List<String> problems = core.problems();
        return "{\"node\":" + JsonText.quote(now.node())
                + identity
                + ",\"address\":" + JsonText.quote(now.address())
                + ",\"since\":" + cursors.sinceMs()
                + ",\"ready\":" + problems.isEmpty()
                + ",\"reasons\":" + Health.json(problems)
                + ",\"notes\":" + Health.json(core.notes())
                + ",\"records\":" + storage.size()
                + ",\"cursor\":\"" + cursors.of(storage.lastArrival()) + "\""
                + ",\"root\":" + text(now.root()) + ",\"parent\":" + text(now.parent())
                + ",\"sync_to_go\":" + number(now.toGo()) + ",\"members\":" + others + "}";
    }

    private static String json(Members.Member member, Members now) {
        return "{\"node\":" + JsonText.quote(member.node())
                + ",\"state\":\"" + member.state().name().toLowerCase(Locale.ROOT) + "\""
                + ",\"address\":" + JsonText.quote(member.address())
                + ",\"http\":" + text(member.http()) + ",\"since\":" + member.sinceMs()
                + ",\"round_trip_ms\":" + number(member.roundTripMs())
                + ",\"clock_offset_ms\":" + number(member.clockOffsetMs())
                + ",\"records\":" + number(member.records())
                + ",\"dialled\":" + member.dialled()
                + ",\"parent\":" + now.parent().equals(Optional.of(member.node()))
                + ",\"child\":" + member.child() + "}";
    }

    private static String text(Optional<String> value) {
        return value.map(JsonText::quote).orElse("null");
    }

    private static String number(OptionalLong value) {
        return value.isPresent() ? Long.toString(value.getAsLong()) : "null";
    }
}
