/** A self-contained broadcast server. */
module bcast {
    requires jdk.httpserver;

    exports bcast;
    exports bcast.base;
    exports bcast.data;
    exports bcast.eventbus;
    exports bcast.validator;
    exports bcast.storage;
    exports bcast.storage.journal;
    exports bcast.core;
    exports bcast.cluster;
    exports bcast.http;
}
