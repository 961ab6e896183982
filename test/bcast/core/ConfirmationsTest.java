package bcast.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class ConfirmationsTest {

    private final TestClock clock = TestClock.standing(1_000_000);
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Confirmations confirmations = new Confirmations(clock,
            (data, again) -> asked.add(data.id() + (again ? " again" : "")));
    private final Data news = News.data("id", "raw", 1_000);

    /** Somebody waits, and has begun to when this returns. */
    private CompletableFuture<Boolean> await(Data... records) throws Exception {
        CompletableFuture<Boolean> came = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                came.complete(confirmations.await(List.of(records)));
            } catch (InterruptedException | RuntimeException e) {
                came.completeExceptionally(e);
            }
        });
        waiting.start();
        Await.until("it waits", 5, () -> waiting.getState() == Thread.State.TIMED_WAITING
                || came.isDone());
        return came;
    }

    @Test
    void whatIsConfirmedBeforeSomebodyWaitsIsConfirmed() throws Exception {
        confirmations.want(news);
        confirmations.confirmed(news);
        assertTrue(confirmations.await(List.of(news)));
        assertEquals(List.of("id"), asked);
    }

    @Test
    void whatWasConfirmedLongAgoIsAskedForAnew() throws Exception {
        confirmations.want(news);
        confirmations.confirmed(news);
        clock.advance(Confirmations.FORGET_MS);
        CompletableFuture<Boolean> waits = await(news);
        Await.until("it is asked for", 5, () -> asked.size() == 2);
        assertEquals("id again", asked.get(1));
        assertFalse(waits.isDone());
        confirmations.confirmed(news);
        assertTrue(waits.get());
    }

    @Test
    void whoComesLaterIsNotForgottenWithTheFirst() throws Exception {
        confirmations.want(news);
        CompletableFuture<Boolean> first = await(news);
        clock.advance(Confirmations.WAIT_MS - 1_000);
        CompletableFuture<Boolean> second = await(news);
        assertEquals(List.of("id"), asked, "the cluster repeats the request by itself");
        // The first has waited enough by the clock that counts for it.
        clock.advance(Confirmations.FORGET_MS);
        confirmations.forgetOld();
        confirmations.confirmed(news);
        assertTrue(first.get());
        assertTrue(second.get());
    }

    @Test
    void forWhomNobodyWaitsIsForgotten() {
        confirmations.want(news);
        clock.advance(Confirmations.FORGET_MS - 1);
        confirmations.forgetOld();
        confirmations.want(news);
        assertEquals(List.of("id"), asked);
        clock.advance(1);
        confirmations.want(news);
        assertEquals(List.of("id", "id"), asked);
    }

    @Test
    void soManyAreKnownAndNoMore() throws Exception {
        confirmations.want(news);
        for (int i = 1; i < Confirmations.MAX_WAITING; i++) {
            confirmations.want(News.data("filler" + i, "raw", 1_000));
        }
        asked.clear();
        confirmations.confirmed(news);
        assertTrue(confirmations.await(List.of(news)), "at the limit");
        assertEquals(List.of(), asked);
        confirmations.want(News.data("one", "raw", 1_000));
        confirmations.want(News.data("two", "raw", 1_000));
        asked.clear();
        confirmations.want(News.data("filler1", "raw", 1_000));
        assertEquals(List.of("filler1"), asked, "it was given up");
    }
}
