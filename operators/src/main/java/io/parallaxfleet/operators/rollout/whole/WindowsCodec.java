package io.parallaxfleet.operators.rollout.whole;

import io.parallaxfleet.operators.rollout.whole.EpochWindows.Cell;
import io.parallaxfleet.operators.rollout.whole.PlanChanges.Count;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Parts of a class's saved state; the version is the whole's. A model's name is written once an epoch. */
public final class WindowsCodec {
    private WindowsCodec() {}

    public static void write(Map<Long, EpochWindows> epochs, DataOutput out) throws IOException {
        out.writeInt(epochs.size());
        for (Map.Entry<Long, EpochWindows> epoch : epochs.entrySet()) {
            out.writeLong(epoch.getKey());
            List<String> models = new ArrayList<>(epoch.getValue().models());
            out.writeInt(models.size());
            for (String model : models) {
                out.writeUTF(model);
            }
            out.writeInt(epoch.getValue().windows().size());
            for (Map.Entry<Long, Map<String, Cell>> window : epoch.getValue().windows().entrySet()) {
                out.writeLong(window.getKey());
                out.writeInt(window.getValue().size());
                for (Map.Entry<String, Cell> cell : window.getValue().entrySet()) {
                    out.writeInt(models.indexOf(cell.getKey()));
                    out.writeLong(cell.getValue().samples());
                    out.writeDouble(cell.getValue().logMedianNanos());
                }
            }
        }
    }

    public static void read(DataInput in, Map<Long, EpochWindows> into) throws IOException {
        for (int epochs = in.readInt(); epochs > 0; epochs--) {
            EpochWindows windows = new EpochWindows();
            into.put(in.readLong(), windows);
            List<String> models = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                models.add(in.readUTF());
            }
            for (int left = in.readInt(); left > 0; left--) {
                long endMillis = in.readLong();
                for (int cells = in.readInt(); cells > 0; cells--) {
                    windows.put(endMillis, models.get(in.readInt()), new Cell(in.readLong(), in.readDouble()));
                }
            }
        }
    }

    public static void writeEnergies(Map<Long, EnergyWindows> epochs, DataOutput out) throws IOException {
        Map<Long, EpochWindows> metered = new TreeMap<>();
        epochs.forEach((epoch, energies) -> {
            if (energies.source() != null) {
                metered.put(epoch, energies.windows());
            }
        });
        write(metered, out);
        for (Long epoch : metered.keySet()) {
            out.writeUTF(epochs.get(epoch).source());
        }
    }

    public static void readEnergies(DataInput in, Map<Long, EnergyWindows> into) throws IOException {
        Map<Long, EpochWindows> metered = new TreeMap<>();
        read(in, metered);
        for (Map.Entry<Long, EpochWindows> epoch : metered.entrySet()) {
            into.put(epoch.getKey(), new EnergyWindows(in.readUTF(), epoch.getValue()));
        }
    }

    public static void write(PlanChanges changes, DataOutput out) throws IOException {
        out.writeInt(changes.devices());
        out.writeInt(changes.byModel().size());
        for (Map.Entry<String, Count> model : changes.byModel().entrySet()) {
            out.writeUTF(model.getKey());
            out.writeInt(model.getValue().changed());
            out.writeInt(model.getValue().kept());
        }
    }

    public static void read(DataInput in, PlanChanges into) throws IOException {
        int devices = in.readInt();
        Map<String, Count> byModel = new HashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            byModel.put(in.readUTF(), new Count(in.readInt(), in.readInt()));
        }
        into.restore(devices, byModel);
    }
}
