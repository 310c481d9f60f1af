import GRIP
