package io.parallaxfleet.operators.fit;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/** The roster's part of {@link ClassObservationsCodec}, from version 3 on: fits, newcomers, then the three lists in their order of use. */
final class DeviceRosterCodec {
    private DeviceRosterCodec() {}

    static void write(DeviceRoster roster, DataOutput out) throws IOException {
        out.writeLong(roster.fits);
        out.writeInt(roster.newcomers);
        writeSince(roster.members, out);
        out.writeInt(roster.candidates.size());
        for (Map.Entry<Integer, Integer> candidate : roster.candidates.entrySet()) {
            out.writeInt(candidate.getKey());
            out.writeInt(candidate.getValue());
        }
        writeSince(roster.quarantined, out);
    }

    static DeviceRoster read(DataInput in, long seed) throws IOException {
        DeviceRoster roster = new DeviceRoster(seed);
        roster.fits = in.readLong();
        roster.newcomers = in.readInt();
        readSince(in, roster.members);
        for (int left = in.readInt(); left > 0; left--) {
            roster.candidates.put(in.readInt(), in.readInt());
        }
        readSince(in, roster.quarantined);
        return roster;
    }

    private static void writeSince(Map<Integer, Long> devices, DataOutput out) throws IOException {
        out.writeInt(devices.size());
        for (Map.Entry<Integer, Long> device : devices.entrySet()) {
            out.writeInt(device.getKey());
            out.writeLong(device.getValue());
        }
    }

    private static void readSince(DataInput in, Map<Integer, Long> devices) throws IOException {
        for (int left = in.readInt(); left > 0; left--) {
            devices.put(in.readInt(), in.readLong());
        }
    }
}
