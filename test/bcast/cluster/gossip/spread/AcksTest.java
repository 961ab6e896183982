package bcast.cluster.gossip.spread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.OneNode;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.Output;
import bcast.data.Data;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AcksTest extends OneNode {

    private final Data news = News.data("id", "raw", NOW);

    private List<Output> happens(Event event) {
        return handle(new Input.Happened(event));
    }

    /** Links on which a push asks to be confirmed. */
    private static List<Integer> asking(List<? extends Output> outputs) {
        List<Integer> links = new ArrayList<>();
        for (Output output : outputs) {
            if (output instanceof Output.Send send
                    && send.message() instanceof SpreadMessage.Push push
                    && push.confirm()) {
                links.add(send.link());
            }
        }
        return links;
    }

    private List<Output> post() {
        happens(new Event.Confirm(news, false));
        store.merge(news);
        return happens(new Event.Accepted(news, Source.CLIENT));
    }

    private List<Output> held(int link) {
        return handle(new Input.Got(link, new SpreadMessage.Held(List.of(view.hash(news)))));
    }

    private void threeNeighbours() {
        for (int i = 1; i <= 3; i++) {
            linkUp(i, new NodeId(20, i));
        }
    }

    @Test
    void twoOfThreeAreAskedAndOneAnswerIsEnough() {
        threeNeighbours();
        assertEquals(List.of(1, 2), asking(post()));
        assertTrue(held(2).contains(new Output.Confirmed(news)));
        assertEquals(List.of(), held(1));
        assertEquals(List.of(), asking(during(2_000, Output.Send.class)));
    }

    @Test
    void anotherIsAskedWhereNoneAnswers() {
        threeNeighbours();
        post();
        assertEquals(List.of(3), asking(during(Acks.AGAIN_MS, Output.Send.class)));
        assertEquals(1, asking(during(Acks.AGAIN_MS, Output.Send.class)).size(), "and all anew");
        assertTrue(held(3).contains(new Output.Confirmed(news)));
    }

    @Test
    void whoComesLaterIsAsked() {
        assertEquals(List.of(), asking(post()));
        linkUp(1, new NodeId(20, 1));
        assertEquals(List.of(1), asking(during(Acks.AGAIN_MS, Output.Send.class)));
        assertTrue(held(1).contains(new Output.Confirmed(news)));
    }

    @Test
    void whatWasPushedLongAgoIsPushedAgain() {
        linkUp(1, new NodeId(20, 1));
        store.merge(news);
        assertEquals(List.of(1), asking(happens(new Event.Confirm(news, true))));
        assertTrue(held(1).contains(new Output.Confirmed(news)));
    }

    @Test
    void inTheEndItIsGivenUp() {
        post();
        during(Acks.GIVE_UP_MS, Output.Send.class);
        linkUp(1, new NodeId(20, 1));
        assertEquals(List.of(), asking(during(1_000, Output.Send.class)));
        assertEquals(List.of(), held(1));
    }

    @Test
    void soManyMayWaitAndNoMore() {
        for (int i = 0; i < Acks.MAX_WAITING; i++) {
            happens(new Event.Confirm(News.data("filler" + i, "raw", NOW), false));
        }
        linkUp(1, new NodeId(20, 1));
        assertEquals(List.of(), asking(post()));
        assertEquals(List.of(), held(1));
    }

    @Test
    void whoIsAskedAnswersOnceItIsStored() {
        linkUp(1, new NodeId(20, 1));
        SpreadMessage.Push push = new SpreadMessage.Push(news, 0, false, true);
        List<Output> outputs = handle(new Input.Got(1, push));
        Source from = ((Output.Deliver) outputs.get(0)).from();
        assertEquals(1, outputs.size(), "not before");
        store.merge(news);
        SpreadMessage.Held held = new SpreadMessage.Held(List.of(view.hash(news)));
        assertTrue(sent(happens(new Event.Accepted(news, from)), 1).contains(held));
        assertTrue(sent(handle(new Input.Got(1, push)), 1).contains(held), "and again");
    }

    @Test
    void whoRefusesDoesNotAnswer() {
        linkUp(1, new NodeId(20, 1));
        for (Refusal why : List.of(Refusal.FULL, Refusal.INVALID, Refusal.EXPIRED)) {
            List<Output> outputs = handle(new Input.Got(1, new SpreadMessage.Push(news, 0, false,
                    true)));
            Source from = ((Output.Deliver) outputs.get(0)).from();
            assertTrue(sent(happens(new Event.Refused(news, from, why)), 1).stream()
                    .noneMatch(message -> message instanceof SpreadMessage.Held));
        }
    }
}
