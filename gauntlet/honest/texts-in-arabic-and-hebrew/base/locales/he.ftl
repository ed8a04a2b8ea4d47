total = סה״כ
invoice = חשבונית ⁨{ $number }⁩
