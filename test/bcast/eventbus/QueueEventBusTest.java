package bcast.eventbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import bcast.base.Context;
import bcast.base.Metric;
import bcast.contract.EventBusContract;
import org.junit.jupiter.api.Test;

final class QueueEventBusTest extends EventBusContract {

    private static final Metric QUEUED = QueueEventBus.QUEUED.with("module", "test");

    @Override
    protected EventBus newBus(Context with) {
        return new QueueEventBus(with);
    }

    private double queued() {
        return context.counters().value(QUEUED);
    }

    @Test
    void countsWhatIsDroppedByAllSubscribers() {
        subscribe(1, EventBus.WhenFull.DROP);
        subscribe(1, EventBus.WhenFull.DROP);
        bus.publish(accepted(1));
        assertEquals(0, context.counters().get(QueueEventBus.DROPPED));
        bus.publish(accepted(2));
        assertEquals(2, context.counters().get(QueueEventBus.DROPPED));
    }

    @Test
    void measuresAQueueUntilItIsClosed() {
        Subscription first = subscribe(10, EventBus.WhenFull.DROP);
        bus.publish(accepted(1));
        assertEquals(1, queued());
        Subscription second = subscribe(10, EventBus.WhenFull.DROP);
        first.close();
        assertEquals(0, queued(), "that of the same name");
        second.close();
        assertFalse(context.counters().metrics().contains(QUEUED));
    }
}
