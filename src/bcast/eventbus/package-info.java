/** Floor 1: events, and the bus on which modules that do not know each other meet. */
package bcast.eventbus;
