total = المجموع
invoice = فاتورة ⁨{ $number }⁩
