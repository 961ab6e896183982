/** Floor 0: a record of news, its limits, its encoding, its orders and its hash. */
package bcast.data;
