package io.parallaxfleet.schemas.registry;

import org.apache.avro.Schema;

/** Gives schemas ids and ids schemas. Implementations are thread-safe and cache what cannot change. */
public interface SchemaRegistry {
    /**
     * Registers a schema under a subject and returns its id; registering the same schema again returns the same id.
     *
     * @throws SchemaRegistryException when the schema is not backward compatible with the subject's latest version, or
     *     the registry cannot be reached
     */
    int register(String subject, Schema schema);

    /**
     * The schema of an id.
     *
     * @throws UnknownSchemaException when the registry has no such id
     * @throws SchemaRegistryException when the registry cannot be reached
     */
    Schema byId(int id);
}
