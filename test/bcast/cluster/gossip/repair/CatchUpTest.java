package bcast.cluster.gossip.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.Source;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A neighbour for whom news comes too fast. */
final class CatchUpTest extends OneNode {

    private static final String BEFORE = "before";

    private final List<Data> posted = new ArrayList<>();

    @BeforeEach
    void link() {
        store.merge(News.data("held", "raw", NOW - 1));
        linkUp(1, LARGER);
        during(RoundSchedule.LARGER_ID_DELAY_MS + 200, Output.class);
        handle(new Input.Got(1, new RepairMessage.Same()));
        for (int i = 0; i < CatchUp.MARGIN; i++) {
            store.add(News.data(BEFORE + i, "raw", NOW));
        }
    }

    private List<Output> post(String raw) {
        Data data = News.data("id" + posted.size(), raw, clock.wallMs());
        store.add(data);
        posted.add(data);
        return handle(new Input.Happened(new Event.Accepted(data, Source.CLIENT)));
    }

    private static List<Data> all(List<Output> outputs) {
        return sent(outputs, 1).stream().filter(m -> m instanceof SpreadMessage.Push)
                .map(m -> ((SpreadMessage.Push) m).data()).toList();
    }

    /** What was sent of what these tests are about. */
    private static List<Data> pushed(List<Output> outputs) {
        return all(outputs).stream().filter(data -> !data.id().startsWith(BEFORE)).toList();
    }

    private static boolean asksForRoom(List<Output> outputs) {
        return outputs.contains(new Output.NotifyWhenDrained(1));
    }

    @Test
    void getsWhatWasDroppedAndWhatCameSinceOnceThereIsRoom() {
        for (int i = 0; i < 5; i++) {
            assertEquals(1, pushed(post("raw")).size());
        }
        assertTrue(asksForRoom(handle(new Input.Overflowed(1, Optional.of(posted.get(2))))));
        assertEquals(List.of(), pushed(post("raw")), "its turn comes");
        List<Output> outputs = handle(new Input.Drained(1));
        assertEquals(posted, pushed(outputs), "and a little before");
        assertEquals(CatchUp.MARGIN - 3, all(outputs).size() - posted.size());
        assertTrue(asksForRoom(outputs), "until nothing is left");
        assertEquals(List.of(), pushed(post("raw")));
        assertEquals(posted.subList(6, 7), pushed(handle(new Input.Drained(1))));
        outputs = handle(new Input.Drained(1));
        assertEquals(List.of(), pushed(outputs));
        assertFalse(asksForRoom(outputs));
        assertTrue(during(200, Output.Send.class).stream().anyMatch(send ->
                send.message() instanceof RepairMessage.Compare), "a round makes sure");
        assertEquals(1, pushed(post("raw")).size(), "it is up to date");
    }

    @Test
    void isNotComparedWhileItIsBehind() {
        post("raw");
        handle(new Input.Overflowed(1, Optional.of(posted.get(0))));
        handle(new Input.Happened(new Event.Broadcast()));
        assertTrue(during(500, Output.Send.class).stream().noneMatch(send ->
                send.message() instanceof RepairMessage.Compare));
        RepairMessage.Compare compare = new RepairMessage.Compare(1, 0, Long.MAX_VALUE,
                view.sketch(0, Long.MAX_VALUE, 1).cell(0));
        assertTrue(sent(handle(new Input.Got(1, compare)), 1).contains(
                new RepairMessage.Cells(0, List.of())), "it is told to wait");
    }

    @Test
    void getsAtMostAPageAtATime() {
        int count = CatchUp.PAGE_RECORDS + 10;
        for (int i = 0; i < count; i++) {
            post("raw");
        }
        handle(new Input.Overflowed(1, Optional.of(posted.get(0))));
        assertEquals(CatchUp.PAGE_RECORDS, all(handle(new Input.Drained(1))).size());
        assertEquals(10 + CatchUp.MARGIN - 1, all(handle(new Input.Drained(1))).size());
        handle(new Input.Drained(1));
        String large = "x".repeat(300_000);
        for (int i = 0; i < 8; i++) {
            post(large);
        }
        handle(new Input.Overflowed(1, Optional.of(posted.get(count))));
        assertEquals(CatchUp.MARGIN - 1 + 4, all(handle(new Input.Drained(1))).size());
        assertEquals(4, all(handle(new Input.Drained(1))).size());
    }

    @Test
    void twoBacklogsThatWereDroppedAreServedFromTheEarlierOn() {
        for (int i = 0; i < 6; i++) {
            post("raw");
        }
        handle(new Input.Overflowed(1, Optional.of(posted.get(4))));
        assertFalse(asksForRoom(
                handle(new Input.Overflowed(1, Optional.of(posted.get(1))))), "it has asked");
        List<Output> outputs = handle(new Input.Drained(1));
        assertEquals(posted, pushed(outputs));
        assertEquals(CatchUp.MARGIN - 2, all(outputs).size() - posted.size());
    }

    @Test
    void inAMeshOthersBringWhatTheyTookFromClients() {
        post("raw");
        store.merge(News.data("of another", "raw", NOW));
        post("raw");
        handle(new Input.Overflowed(1, Optional.of(posted.get(0))));
        assertEquals(posted, pushed(handle(new Input.Drained(1))));
    }

    @Test
    void whoLacksTooMuchOrWhatNobodyKnowsGetsARound() {
        assertFalse(asksForRoom(handle(new Input.Overflowed(1, Optional.empty()))));
        assertTrue(during(200, Output.Send.class).stream().anyMatch(send ->
                send.message() instanceof RepairMessage.Compare));
    }

    /** As with a peer whose greeting does not come while the queues of all links are full. */
    @Test
    void aFullNodeEndsNoVisitBeforeTheGreeting() {
        handle(new Input.Opened(2, Optional.of(new Address("10.0.0.2", 7)), "10.0.0.2",
                News.KEY));
        handle(new Input.Overflowed(2, Optional.empty()));
        fillUp();
        assertFalse(during(200, Output.Close.class).contains(new Output.Close(2)));
    }

    @Test
    void aNodeThatLeavesAnswersAndComparesAtOnce() {
        post("raw");
        handle(new Input.Overflowed(1, Optional.of(posted.get(0))));
        RepairMessage.Compare compare = new RepairMessage.Compare(1, 0, Long.MAX_VALUE,
                view.sketch(0, Long.MAX_VALUE, 1).cell(0));
        Message later = new RepairMessage.Cells(0, List.of());
        assertTrue(sent(handle(new Input.Got(1, compare)), 1).contains(later));
        assertTrue(sent(handle(new Input.Got(1, compare)), 1).contains(new RepairMessage.Same()),
                "who asks again has a reason");
        assertTrue(handle(new Input.Leave()).stream().anyMatch(o ->
                o instanceof Output.Send send && send.message() instanceof RepairMessage.Compare)
                || during(200, Output.Send.class).stream().anyMatch(send ->
                send.message() instanceof RepairMessage.Compare));
    }

    @Test
    void eventsThatWereLostAreServedFromTheLastThatWasNot() {
        post("raw");
        for (String id : List.of("lost", "lost too")) {
            Data data = News.data(id, "raw", clock.wallMs());
            store.add(data);
            posted.add(data);
        }
        assertTrue(asksForRoom(handle(new Input.Missed(2))));
        assertEquals(posted, pushed(handle(new Input.Drained(1))));
    }

    @Test
    void whatIsGoneLeadsToARound() {
        Data gone = News.data("gone", "raw", NOW);
        assertFalse(asksForRoom(handle(new Input.Overflowed(1, Optional.of(gone)))));
        assertTrue(during(200, Output.Send.class).stream().anyMatch(send ->
                send.message() instanceof RepairMessage.Compare));
        assertEquals(Optional.empty(), store.get("gone"));
    }
}
