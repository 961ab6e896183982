package bcast.contract;

import bcast.base.Context;
import bcast.eventbus.EventBus;

/** The example of an event bus. */
final class SemaphoreEventBusContractTest extends EventBusContract {

    @Override
    protected EventBus newBus(Context with) throws Exception {
        return Examples.make(EventBus.class, "eventbus.SemaphoreEventBus");
    }
}
