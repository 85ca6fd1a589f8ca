"""Units of measure as they are written, and how each language says them."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's names: for one, for several, and in Chinese."""

    one: str
    many: str
    zh: str


_TABLE: Final = """
℃ °C                | degree Celsius     | degrees Celsius     | 摄氏度
℉ °F                | degree Fahrenheit  | degrees Fahrenheit  | 华氏度
°                   | degree             | degrees             | 度
%                   | percent            | percent             | 百分
K                   | kelvin             | kelvin              | K
kWh KWh             | kilowatt hour      | kilowatt hours      | 千瓦时
Wh                  | watt hour          | watt hours          | 瓦时
MWh                 | megawatt hour      | megawatt hours      | 兆瓦时
GWh                 | gigawatt hour      | gigawatt hours      | 吉瓦时
W                   | watt               | watts               | 瓦
kW KW kWp           | kilowatt           | kilowatts           | 千瓦
MW                  | megawatt           | megawatts           | 兆瓦
mW                  | milliwatt          | milliwatts          | 毫瓦
VA                  | volt-ampere        | volt-amperes        | 伏安
V                   | volt               | volts               | 伏
mV                  | millivolt          | millivolts          | 毫伏
kV                  | kilovolt           | kilovolts           | 千伏
A                   | amp                | amps                | 安
mA                  | milliamp           | milliamps           | 毫安
Ah                  | amp hour           | amp hours           | 安时
mAh                 | milliamp hour      | milliamp hours      | 毫安时
Ω                   | ohm                | ohms                | 欧姆
Hz                  | hertz              | hertz               | 赫兹
kHz                 | kilohertz          | kilohertz           | 千赫
MHz                 | megahertz          | megahertz           | 兆赫
GHz                 | gigahertz          | gigahertz           | 吉赫
lx lux              | lux                | lux                 | 勒克斯
lm                  | lumen              | lumens              | 流明
ppm                 | part per million   | parts per million   | P P M
ppb                 | part per billion   | parts per billion   | P P B
µg ug               | microgram          | micrograms          | 微克
mg                  | milligram          | milligrams          | 毫克
g                   | gram               | grams               | 克
kg                  | kilogram           | kilograms           | 公斤
lb lbs              | pound              | pounds              | 磅
oz                  | ounce              | ounces              | 盎司
nm                  | nanometer          | nanometers          | 纳米
µm                  | micrometer         | micrometers         | 微米
mm                  | millimeter         | millimeters         | 毫米
cm                  | centimeter         | centimeters         | 厘米
m                   | meter              | meters              | 米
km                  | kilometer          | kilometers          | 公里
ft                  | foot               | feet                | 英尺
yd                  | yard               | yards               | 码
mi                  | mile               | miles               | 英里
mm²                 | square millimeter  | square millimeters  | 平方毫米
cm²                 | square centimeter  | square centimeters  | 平方厘米
m² m2               | square meter       | square meters       | 平方米
km²                 | square kilometer   | square kilometers   | 平方公里
ft²                 | square foot        | square feet         | 平方英尺
cm³                 | cubic centimeter   | cubic centimeters   | 立方厘米
m³ m3               | cubic meter        | cubic meters        | 立方米
ft³                 | cubic foot         | cubic feet          | 立方英尺
L l                 | liter              | liters              | 升
mL ml               | milliliter         | milliliters         | 毫升
gal                 | gallon             | gallons             | 加仑
Pa                  | pascal             | pascals             | 帕
hPa                 | hectopascal        | hectopascals        | 百帕
kPa                 | kilopascal         | kilopascals         | 千帕
MPa                 | megapascal         | megapascals         | 兆帕
bar                 | bar                | bar                 | 巴
mbar                | millibar           | millibars           | 毫巴
psi                 | P S I              | P S I               | P S I
mmHg                | millimeter of mercury | millimeters of mercury | 毫米汞柱
inHg                | inch of mercury    | inches of mercury   | 英寸汞柱
dB                  | decibel            | decibels            | 分贝
dBA                 | decibel A          | decibels A          | 分贝
dBm                 | D B M              | D B M               | D B M
KB kB               | kilobyte           | kilobytes           | K B
MB                  | megabyte           | megabytes           | 兆
GB GiB              | gigabyte           | gigabytes           | G B
TB TiB              | terabyte           | terabytes           | T B
kbit                | kilobit            | kilobits            | 千比特
Mbit                | megabit            | megabits            | 兆比特
Gbit                | gigabit            | gigabits            | 千兆比特
kbps                | kilobit per second | kilobits per second | 千比特每秒
Mbps                | megabit per second | megabits per second | 兆比特每秒
Gbps                | gigabit per second | gigabits per second | 千兆比特每秒
µs                  | microsecond        | microseconds        | 微秒
ms                  | millisecond        | milliseconds        | 毫秒
s sec secs          | second             | seconds             | 秒
min mins            | minute             | minutes             | 分钟
h hr hrs            | hour               | hours               | 小时
d                   | day                | days                | 天
mph                 | mile per hour      | miles per hour      | 英里每小时
kph kmh             | kilometer per hour | kilometers per hour | 公里每小时
kn kt               | knot               | knots               | 节
rpm                 | R P M              | R P M               | 转每分钟
fps                 | frame per second   | frames per second   | 帧每秒
bpm                 | beat per minute    | beats per minute    | 次每分钟
kcal                | kilocalorie        | kilocalories        | 千卡
cal                 | calorie            | calories            | 卡
J                   | joule              | joules              | 焦
kJ                  | kilojoule          | kilojoules          | 千焦
px                  | pixel              | pixels              | 像素
C                   | degree Celsius     | degrees Celsius     | 摄氏度
F                   | degree Fahrenheit  | degrees Fahrenheit  | 华氏度
"""
"""Written forms | one | several | Chinese."""


def _units() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for row in _TABLE.strip().splitlines():
        written, one, many, zh = (cell.strip() for cell in row.split("|"))
        units |= dict.fromkeys(written.split(), Unit(one, many, zh))
    folded: dict[str, set[Unit]] = {}
    for written, unit in units.items():
        folded.setdefault(written.casefold(), set()).add(unit)
    # KWH and Kwh are no other unit, but mw and MW would be: only unambiguous ones are forgiven.
    for written, meant in folded.items():
        if len(meant) == 1 and len(written) > 1:
            for variant in (written, written.upper(), written.capitalize()):
                units.setdefault(variant, *meant)
    return units


UNITS: Final = _units()
"""Written form -> unit; forms of two letters and more in other cases too, where unambiguous."""

_SYMBOLS: Final = "|".join(re.escape(u) for u in sorted(UNITS, key=len, reverse=True))

UNIT: Final = rf"(?:{_SYMBOLS})(?:/(?:{_SYMBOLS}))?(?![A-Za-z0-9²³/'])"
"""Pattern of a unit, or of one per another, at its end."""


def split_unit(written: str) -> tuple[Unit, Unit | None]:
    """Return what `UNIT` matched as the unit and the one it is per, if any."""
    unit, _, per = written.partition("/")
    return UNITS[unit], UNITS[per] if per else None
